import type { CatalogueEntry } from '../../grid-results.ts';

/** True if the two are the same content under whatever name: by GUID, size and MD5; what has no GUID (an empty file) by its time too. */
export function isSameContent(one: CatalogueEntry, other: CatalogueEntry): boolean {
  if (!hasGuid(one, other.guid)) return false;
  if (other.guid === undefined && one.changed.getTime() !== other.changed.getTime()) return false;
  return one.type === other.type && one.bytes === other.bytes && one.md5 === other.md5;
}

/** True if it is the entry of this GUID, or if neither has any. */
export function hasGuid(entry: CatalogueEntry, guid: string | undefined): boolean {
  return (entry.guid ?? '').toLowerCase() === (guid ?? '').toLowerCase();
}
