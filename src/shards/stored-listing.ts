import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { listingColumns } from './listing-row.ts';

/** Who made a listing: we, or a program that did it faster. */
export type ListingSource = 'scan' | 'find' | 'gpfs';

/** One file of a listing: lines of listing-row.ts below a line with the columns. Immutable. */
export interface ListingShard {
  /** Relative to the listing's folder. */
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of the whole file. */
  readonly crc32: number;
}

/** A complete listing of a section, as it lies on disk. */
export interface StoredListing {
  readonly folder: string;
  readonly source: ListingSource;
  /** The section's roots on the disks; a line names its root by the number here. */
  readonly roots: readonly string[];
  /** When its first directory was read: ISO 8601, UTC. */
  readonly begunAt: string;
  readonly endedAt: string;
  readonly shards: readonly ListingShard[];
}

/** Until when, in milliseconds since 1970 UTC, nothing that it says can have been looked at; of what others made nobody knows: it is never fresh. */
export function seenSince({ source, begunAt }: StoredListing): number {
  return source === 'scan' ? Date.parse(begunAt) : 0;
}

/** The lines of a shard, without the columns, each ended by a newline. Throws `corrupt` for one that is not what was written. */
export function shardLines(listing: StoredListing, shard: ListingShard): string {
  return shardContent(listing, shard).toString('utf8', head.length);
}

/** Looks at every shard as a whole, for a reader that knows nothing of checksums. Throws `corrupt` for one that is not what was written. */
export function checkShards(listing: StoredListing, signal?: AbortSignal): void {
  for (const shard of listing.shards) {
    signal?.throwIfAborted();
    shardContent(listing, shard);
  }
}

const head = Buffer.from(`${listingColumns}\n`);

function shardContent({ folder }: StoredListing, shard: ListingShard): Buffer {
  const path = `${folder}/${shard.name}`;
  let content: Buffer;
  try {
    content = readFileSync(fsPath(path));
  } catch (error) {
    throw fileError(`cannot read the listing '${displayName(path)}'`, error);
  }
  const begun = content.subarray(0, head.length).equals(head);
  if (content.length !== shard.bytes || crc32(content) !== shard.crc32 || !begun) {
    throw new StowageError('corrupt', `the listing '${displayName(path)}' is not what was written`, {
      hint: 'scan again: stowage scan CONFIG SECTION --rescan',
    });
  }
  return content;
}
