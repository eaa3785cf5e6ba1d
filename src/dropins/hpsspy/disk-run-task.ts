import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { listingColumns } from '../../shards/listing-row.ts';
import type { ListingShard, StoredListing } from '../../shards/stored-listing.ts';
import type { Task } from '../../threads/order.ts';
import { diskRun } from './disk-run.ts';
import { writeDiskRun } from './disk-run-file.ts';

/** A shard of a listing, or a part of it, to be sorted into a run. The listing was just made, by this process. */
export interface DiskRunOrder {
  readonly listing: StoredListing;
  readonly shard: ListingShard;
  /** Which part of how many: each has whole lines. */
  readonly part: number;
  readonly parts: number;
  /** Where the run goes. */
  readonly path: string;
}

/** Sorts a part of a shard in a thread. */
const diskRunTask: Task<DiskRunOrder, undefined> = ({ listing, shard, part, parts, path }) => {
  const lines = linesOf(`${listing.folder}/${shard.name}`, part, parts);
  writeDiskRun(path, diskRun(lines, listing.roots));
  return { output: undefined, transfer: [] };
};

const head = Buffer.byteLength(`${listingColumns}\n`);
const newline = 0x0a;

/** The lines that begin in this part of the file. */
function linesOf(path: string, part: number, parts: number): string {
  try {
    const file = openSync(fsPath(path), 'r');
    try {
      const { size } = fstatSync(file);
      const cut = (index: number) => head + Math.floor(((size - head) * index) / parts);
      // From the byte before, which may be the end of a line.
      const from = part === 0 ? head : cut(part) - 1;
      const to = part + 1 === parts ? size : firstEnd(file, cut(part + 1) - 1, size);
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, to - from));
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(file, bytes, at, bytes.length - at, from + at);
        if (read === 0) break;
        at += read;
      }
      return bytes.toString('utf8', part === 0 ? 0 : bytes.indexOf(newline) + 1);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
}

/** Behind the first line end from here on. */
function firstEnd(file: number, from: number, size: number): number {
  const some = Buffer.alloc(1 << 16);
  for (let at = from; at < size; ) {
    const read = readSync(file, some, 0, some.length, at);
    if (read === 0) break;
    const end = some.subarray(0, read).indexOf(newline);
    if (end >= 0) return at + end + 1;
    at += read;
  }
  return size;
}

export default diskRunTask;
