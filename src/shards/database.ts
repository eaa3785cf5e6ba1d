import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { StowageError } from '../errors.ts';
import { displayText } from '../model/byte-name.ts';

/** What a column holds: text, a whole number, truth, or nothing. */
export type Cell = string | number | bigint | boolean | null;

/** A database with a fence around it: so much memory, so many threads, its own place on disk, and nothing from the net. */
export interface Database {
  run(sql: string): Promise<void>;
  /** The rows of a query, in batches, as they are found. One query at a time. */
  rows(sql: string): AsyncGenerator<readonly (readonly Cell[])[]>;
  /** Gives everything back. Idempotent. */
  close(): void;
}

export interface DatabaseLimits {
  /** Where it puts what does not fit into memory; '' if it may not. */
  readonly work: string;
  readonly memoryMiB?: number;
  readonly threads?: number;
  /** What it may put there; absent: as much as there is space. */
  readonly workMiB?: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens a database file, made if it is not there, or one in memory (''). DuckDB is loaded here and nowhere else, late: it costs a tenth of a second. Rejections: `full` where memory or
 * space for the work does not suffice, `corrupt` for a file that is damaged or no database, `interrupted` after `signal`. After any of these the same can be
 * tried again.
 */
export async function openDatabase(file: string, limits: DatabaseLimits): Promise<Database> {
  limits.signal?.throwIfAborted();
  const { DuckDBInstance } = await import('@duckdb/node-api');
  try {
    const instance = await DuckDBInstance.create(file === '' ? ':memory:' : file, settings(limits));
    const connection = await instance.connect().catch((error: unknown) => {
      instance.closeSync();
      throw error;
    });
    return fenced(connection, () => instance.closeSync(), limits);
  } catch (error) {
    throw databaseError(error, limits);
  }
}

/** A text as SQL writes it. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function settings(limits: DatabaseLimits): Record<string, string> {
  return {
    memory_limit: `${limits.memoryMiB ?? 256}MiB`,
    threads: String(limits.threads ?? 2),
    temp_directory: limits.work,
    ...(limits.workMiB === undefined ? {} : { max_temp_directory_size: `${limits.workMiB}MiB` }),
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  };
}

function fenced(connection: DuckDBConnection, closeInstance: () => void, limits: DatabaseLimits): Database {
  let open = true;
  const interrupt = () => connection.interrupt();
  limits.signal?.addEventListener('abort', interrupt, { once: true });
  const guarded = async <Answer>(step: () => Promise<Answer>): Promise<Answer> => {
    try {
      limits.signal?.throwIfAborted();
      return await step();
    } catch (error) {
      throw databaseError(error, limits);
    }
  };
  return {
    run: (sql) =>
      guarded(async () => {
        await connection.run(sql);
      }),
    async *rows(sql) {
      const result = await guarded(() => connection.stream(sql));
      for (;;) {
        const chunk = await guarded(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk.getRows().map((row) => row.map(cellOf));
      }
    },
    close() {
      if (!open) return;
      open = false;
      limits.signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
      closeInstance();
    },
  };
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value !== 'object') return value as Cell;
  throw new StowageError('bug', `a column has a value of the kind ${value.constructor.name}`);
}

/** DuckDB tells kinds of errors by the words that its messages begin with. */
function databaseError(error: unknown, limits: DatabaseLimits): unknown {
  if (error instanceof StowageError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const about = { facts: { database: message }, cause: error };
  if (limits.signal?.aborted) return new StowageError('interrupted', 'interrupted', about);
  if (/No space left|max_temp_directory_size|Disk quota/i.test(message)) {
    return new StowageError('full', `no space left for the work of the index in '${displayText(limits.work)}'`, {
      hint: 'free some space there and run the same command again',
      ...about,
    });
  }
  if (/^Out of Memory|failed to allocate|could not allocate|std::bad_alloc/i.test(message)) {
    return new StowageError(
      'full',
      `the index needs more than the ${limits.memoryMiB ?? 256} MiB of memory that it may take`,
      {
        hint: 'ask for less at once: one section, one directory, a narrower pattern, --limit',
        ...about,
      },
    );
  }
  if (/corrupt|checksum|not a valid DuckDB database|Serialization Error|magic bytes|INTERNAL|truncat/i.test(message)) {
    return new StowageError('corrupt', `the database is damaged: ${displayText(message)}`, about);
  }
  return new StowageError('unavailable', `the database failed: ${displayText(message)}`, about);
}
