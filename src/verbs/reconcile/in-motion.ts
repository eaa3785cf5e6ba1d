import type { Catalog } from '../../catalog/catalog.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Finding } from '../../plan/finding.ts';
import type { StoreListing } from './store-listing.ts';

/** Something in the store that changed while it was looked at. */
export type Motion = Finding & { readonly kind: 'in-motion' };

/** What was seen of a store and its record before the disks were looked at, or after. */
export interface Seen {
  readonly listing: StoreListing;
  readonly catalog: Catalog;
}

/**
 * What differs between two looks, by key: it came, it went, it is another, or it was recorded meanwhile. What is written and not yet recorded
 * is in motion as well: a run is at work, or was killed and is gone on with by the next.
 */
export function inMotion(before: Seen, after: Seen): ReadonlyMap<StoreKey, Motion> {
  const motions = new Map<StoreKey, Motion>();
  const move = (archive: StoreKey, what: Motion['what']) => {
    if (motions.has(archive)) return;
    const bytes = (after.listing.get(archive) ?? before.listing.get(archive))?.bytes;
    motions.set(archive, { kind: 'in-motion', archive, what, ...(bytes === undefined ? {} : { bytes }) });
  };
  for (const [key, { version }] of before.listing) {
    const now = after.listing.get(key);
    if (now === undefined) move(key, 'went');
    else if (now.version !== version) move(key, 'changed');
  }
  for (const key of after.listing.keys()) if (!before.listing.has(key)) move(key, 'came');
  for (const key of new Set([...before.catalog.archives.keys(), ...after.catalog.archives.keys()]))
    if (recordingOf(before, key) !== recordingOf(after, key)) move(key, 'recorded');
  for (const { catalog, listing } of [before, after])
    for (const { key } of catalog.pending) if (listing.has(key)) move(key, 'recorded');
  return motions;
}

function recordingOf({ catalog }: Seen, key: StoreKey): string | undefined {
  const record = catalog.archives.get(key);
  return record === undefined ? undefined : `${record.run} ${record.recordedAt} ${record.version}`;
}
