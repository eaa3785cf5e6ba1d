import type { FileOperations } from '../durable/file-operations.ts';
import type { ScratchFolder } from '../durable/scratch-folder.ts';
import { fileError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { type Database, sqlText } from '../shards/database.ts';
import { memberColumns } from './member-rows.ts';
import type { StateFolder } from './state-folder.ts';

/** What making an index needs. */
export interface IndexWork {
  readonly files: FileOperations;
  readonly state: StateFolder;
  readonly folder: ScratchFolder;
  readonly signal?: AbortSignal;
  readonly memoryMiB?: number;
  readonly workMiB?: number;
  /** Told how many members are in it. */
  readonly progress?: (members: number, of: number) => void;
}

/** The columns of the tables that rows are loaded into. */
export const indexTables = {
  members: memberColumns,
  archives: {
    number: 'UINTEGER',
    key: 'VARCHAR',
    recorded: 'VARCHAR',
    run: 'VARCHAR',
    place: 'BIGINT',
    times: 'UTINYINT',
  },
  folders: { archive: 'UINTEGER', folder: 'VARCHAR', files: 'BIGINT', bytes: 'BIGINT' },
} as const;

type Table = keyof typeof indexTables;

/** What becomes of columns on the way: an empty text is none. */
const changed: Readonly<Record<string, string>> = {
  sort: "unhex(nullif(sort, ''))",
  since: "nullif(since, '')",
  target: "nullif(target, '')",
};

/** Loads rows into an index while the next ones are being made. */
export interface IndexLoader {
  /** Takes rows of each table, as lines; resolved = their memory is free again. Rejects with what was wrong with earlier ones, too. */
  load(rows: Readonly<Record<Table, Uint8Array>>): Promise<void>;
  /** Resolved = all rows are in the index. */
  end(): Promise<void>;
}

/** A loader into a database that has these tables. Rejections: `full`, `unavailable`, and what the database rejects with. */
export function indexLoader(database: Database, work: IndexWork): IndexLoader {
  let inserting: Promise<void> = Promise.resolve();
  return {
    async load(rows) {
      await inserting;
      const written: Table[] = [];
      for (const table of Object.keys(indexTables) as Table[]) {
        if (rows[table].length === 0) continue;
        await writeRows(work, pathOf(work, table), rows[table]);
        written.push(table);
      }
      inserting = insertAll(database, work, written);
      // Who comes next is told.
      inserting.catch(() => undefined);
    },
    end: () => inserting,
  };
}

function pathOf(work: IndexWork, table: Table): string {
  return `${work.folder.path}/${table}.csv`;
}

async function writeRows(work: IndexWork, path: string, rows: Uint8Array): Promise<void> {
  try {
    const file = await work.files.open(path, 'w');
    try {
      await file.write(rows);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(
      `cannot write the rows of the index to '${displayName(path)}'`,
      error,
      'free some space there and run the same command again, or choose another place with --state DIR',
    );
  }
}

/** Names in rows are escaped, so that a row needs no quotes. */
async function insertAll(database: Database, work: IndexWork, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    const path = pathOf(work, table);
    const columns: Readonly<Record<string, string>> = indexTables[table];
    const types = Object.entries(columns).map(([name, type]) => `${name}: ${sqlText(type)}`);
    const read = `read_csv(${sqlText(path)}, header=false, auto_detect=false, delim=',', quote='', escape='', new_line='\\n', nullstr='\\N', columns={${types.join(', ')}})`;
    const select = Object.keys(columns).map((name) => changed[name] ?? name);
    await database.run(`INSERT INTO ${table} SELECT ${select.join(', ')} FROM ${read}`);
    await work.files.unlink(path);
  }
}
