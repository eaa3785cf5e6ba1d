import { crc32 } from 'node:zlib';
import type { FileOperations, OpenFile } from '../durable/file-operations.ts';
import { temporaryName } from '../durable/temporary-name.ts';
import { fileError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { listingColumns } from './listing-row.ts';
import type { ListingShard } from './stored-listing.ts';

/** Writes lines into shards, one shard after the other. Calls may overlap: they are done in order. */
export interface ShardWriter {
  /** Adds whole lines. Resolved = they are written. */
  add(lines: Uint8Array, rows: number): Promise<void>;
  /** Finishes the shard that holds what was added before this call, if anything was; gives all that are finished. */
  finish(): Promise<readonly ListingShard[]>;
  /** Throws away what is unfinished. Idempotent. */
  abandon(): Promise<void>;
}

export interface ShardWriterOptions {
  readonly files: FileOperations;
  readonly folder: string;
  /** Shards that are there already, and go on being part of the listing. */
  readonly earlier?: readonly ListingShard[];
}

interface OpenShard {
  readonly file: OpenFile;
  readonly temporary: string;
  rows: number;
  bytes: number;
  crc32: number;
}

/**
 * A writer of shards in a folder. A shard gets its name when all of it is written, in one step: a file with such a name is whole, unless the
 * machine itself fell over, and then its checksum tells. Rejects with `full` or `unavailable`, and with the same again from then on.
 */
export function shardWriter({ files, folder, earlier = [] }: ShardWriterOptions): ShardWriter {
  const finished: ListingShard[] = [...earlier];
  let open: OpenShard | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let abandoned = false;
  const what = `cannot write the listing in '${displayName(folder)}'`;

  const inOrder = <Result>(step: () => Promise<Result>): Promise<Result> => {
    const done = last
      .then(() => (abandoned ? refuse() : step()))
      .catch((error: unknown) => {
        throw fileError(what, error);
      });
    last = done;
    // Whoever waits for this step or a later one hears of it.
    done.catch(() => undefined);
    return done;
  };
  const write = async (shard: OpenShard, data: Uint8Array) => {
    await shard.file.write(data);
    shard.bytes += data.length;
    shard.crc32 = crc32(data, shard.crc32);
  };
  const begin = async (): Promise<OpenShard> => {
    const temporary = temporaryName(`${folder}/shard`);
    open = { file: await files.open(temporary, 'wx'), temporary, rows: 0, bytes: 0, crc32: 0 };
    await write(open, Buffer.from(`${listingColumns}\n`));
    return open;
  };
  const publish = async (shard: OpenShard) => {
    const name = `${String(finished.length + 1).padStart(6, '0')}.csv`;
    await shard.file.close();
    await files.rename(shard.temporary, `${folder}/${name}`);
    open = undefined;
    const { rows, bytes, crc32 } = shard;
    finished.push({ name, rows, bytes, crc32 });
  };
  return {
    add: (lines, count) =>
      inOrder(async () => {
        if (count === 0) return;
        const shard = open ?? (await begin());
        await write(shard, lines);
        shard.rows += count;
      }),
    finish: () =>
      inOrder(async () => {
        if (open !== undefined) await publish(open);
        return [...finished];
      }),
    async abandon() {
      // What a thread still brings must not begin a shard anew.
      abandoned = true;
      await last.catch(() => undefined);
      const shard = open;
      open = undefined;
      // Best effort: what stays has a temporary name, and goes with the folder.
      await shard?.file.close().catch(() => undefined);
      if (shard !== undefined) await files.unlink(shard.temporary).catch(() => undefined);
    },
  };
}

function refuse(): never {
  throw new StowageError('interrupted', 'the listing was abandoned');
}
