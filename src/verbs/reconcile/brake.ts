import type { Catalog } from '../../catalog/catalog.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { StoreListing } from './store-listing.ts';

/** Throws `unavailable` if the store lacks a larger share than `brake` of the recorded archives, or of their bytes: it is rather not mounted than emptied. */
export function brakeForStore(catalog: Catalog, listing: StoreListing, location: string, brake: number): void {
  let [archives, bytes, lackedArchives, lackedBytes] = [0, 0, 0, 0];
  for (const [key, { head }] of catalog.archives) {
    archives += 1;
    bytes += head.bytes;
    if (listing.has(key)) continue;
    lackedArchives += 1;
    lackedBytes += head.bytes;
  }
  const place = `not in the store ${displayName(location)}`;
  hold(lackedArchives, archives, brake, `recorded archives of section '${displayName(catalog.section)}' are ${place}`);
  hold(
    lackedBytes,
    bytes,
    brake,
    `recorded bytes of the archives of section '${displayName(catalog.section)}' are ${place}`,
  );
}

/** Throws `unavailable` if a larger share than `brake` of the recorded members is gone from disk: it is rather not mounted than emptied. */
export function brakeForDisk(catalog: Catalog, gone: number, roots: readonly string[], brake: number): void {
  let members = 0;
  for (const { head } of catalog.archives.values()) members += head.contentMembers;
  hold(gone, members, brake, `recorded files are gone from ${roots.map(displayName).join(', ')}`);
}

function hold(lacked: number, all: number, brake: number, what: string): void {
  if (lacked === 0 || lacked <= brake * all) return;
  // A file that two archives hold can be gone from both.
  const share = Math.min(1, lacked / Math.max(1, all));
  const percent = `${Number((share * 100).toFixed(1))}%`;
  throw new StowageError(
    'unavailable',
    `${lacked} of ${all} ${what} (${percent}): that is more than ${Number((brake * 100).toFixed(1))}%, and nothing is believed of it`,
    {
      hint: `if something is not mounted, mount it; if it is so: --brake ${Math.min(100, Math.ceil(share * 100))}%`,
      facts: { lacked, all, brake },
    },
  );
}
