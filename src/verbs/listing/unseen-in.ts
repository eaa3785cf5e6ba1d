import type { Unseen } from '../../model/entry.ts';
import type { CompleteListing } from '../../shards/listing-file.ts';
import { lineRow } from '../../shards/listing-row.ts';
import { shardLines } from '../../shards/stored-listing.ts';

const unseenLine = /^[^,\n]*,\d+,[UDVG],.*$/gm;

/** The places of a listing that could not be looked at; one without any is not read. Throws `corrupt` if it is damaged. */
export function* unseenIn(listing: CompleteListing): Generator<Unseen> {
  if (listing.unseen === 0) return;
  for (const shard of listing.shards) {
    for (const [line] of shardLines(listing, shard).matchAll(unseenLine)) yield lineRow(line, listing.roots) as Unseen;
  }
}
