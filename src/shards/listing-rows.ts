import { type ListingRow, lineRow } from './listing-row.ts';
import { type StoredListing, shardLines } from './stored-listing.ts';

/** All rows of a listing, a shard after the other. Throws `corrupt` for a shard that is not what was written. */
export function* listingRows(listing: StoredListing): Generator<ListingRow> {
  for (const shard of listing.shards) {
    const lines = shardLines(listing, shard);
    for (let at = 0; at < lines.length; ) {
      const end = lines.indexOf('\n', at);
      yield lineRow(lines.slice(at, end), listing.roots);
      at = end + 1;
    }
  }
}
