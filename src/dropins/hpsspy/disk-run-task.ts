import { type ListingShard, type StoredListing, shardLines } from '../../shards/stored-listing.ts';
import type { Task } from '../../threads/order.ts';
import { diskRun } from './disk-run.ts';
import { writeDiskRun } from './disk-run-file.ts';

/** A shard of a listing, to be sorted into a run. */
export interface DiskRunOrder {
  readonly listing: StoredListing;
  readonly shard: ListingShard;
  /** Where the run goes. */
  readonly path: string;
}

/** Sorts a shard in a thread. */
const diskRunTask: Task<DiskRunOrder, undefined> = ({ listing, shard, path }) => {
  writeDiskRun(path, diskRun(shardLines(listing, shard), listing.roots));
  return { output: undefined, transfer: [] };
};

export default diskRunTask;
