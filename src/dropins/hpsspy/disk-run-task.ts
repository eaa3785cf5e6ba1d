import { type ListingShard, type StoredListing, shardLines } from '../../shards/stored-listing.ts';
import type { Task } from '../../threads/order.ts';
import { diskRun } from './disk-run.ts';
import { writeDiskRun } from './disk-run-file.ts';

/** A shard of a listing, or a part of it, to be sorted into a run. */
export interface DiskRunOrder {
  readonly listing: StoredListing;
  readonly shard: ListingShard;
  /** Which part of how many: each has whole lines. */
  readonly part: number;
  readonly parts: number;
  /** Where the run goes. */
  readonly path: string;
}

/** Sorts a shard in a thread. */
const diskRunTask: Task<DiskRunOrder, undefined> = ({ listing, shard, part, parts, path }) => {
  const lines = shardLines(listing, shard);
  const beginOf = (index: number) => wholeLines(lines, Math.floor((lines.length * index) / parts));
  const own = parts === 1 ? lines : lines.slice(beginOf(part), beginOf(part + 1));
  writeDiskRun(path, diskRun(own, listing.roots));
  return { output: undefined, transfer: [] };
};

/** Where the first line begins that does so from here on. */
function wholeLines(lines: string, at: number): number {
  if (at === 0 || at >= lines.length) return Math.min(at, lines.length);
  const end = lines.indexOf('\n', at - 1);
  return end < 0 ? lines.length : end + 1;
}

export default diskRunTask;
