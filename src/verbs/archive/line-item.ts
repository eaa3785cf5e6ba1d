import type { Entry } from '../../model/entry.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { PackItem } from '../../pack/pack-item.ts';
import { lineRow } from '../../shards/listing-row.ts';

/** What a line of a listing, of something that can be archived, says. */
export function lineEntry(line: string, roots: readonly string[]): Entry {
  return lineRow(line, roots) as Entry;
}

/** The entry as an item that is read from disk; `hardLink` names the member that has the content, for a further name of a file. */
export function entryItem(entry: Entry, hardLink?: string): PackItem {
  const { path, type, bytes, mtimeNs, mode, uid, gid, target } = entry;
  const member = { path, bytes, mtimeNs, mode, uid, gid };
  if (type === 'directory') return { member: { ...member, type }, content: { kind: 'none' } };
  if (type === 'link') return { member: { ...member, type, target: target ?? '' }, content: { kind: 'none' } };
  if (hardLink !== undefined) return { member: { ...member, type: 'file', hardLink }, content: { kind: 'none' } };
  const content = { kind: 'disk', path: joinPath(entry.disk, path) } as const;
  return { member: { ...member, type: 'file' }, content, ...(entry.sharedFile === undefined ? {} : { shared: true }) };
}

/** Items in the order of their entries: of several names of one file the first carries the content, the others are hard links to it. */
export function entryItems(): (entry: Entry) => PackItem {
  const first = new Map<string, string>();
  return (entry) => {
    const { sharedFile, path } = entry;
    if (sharedFile === undefined || entry.type === 'link') return entryItem(entry);
    const hardLink = first.get(sharedFile);
    if (hardLink === undefined) first.set(sharedFile, path);
    return entryItem(entry, hardLink);
  };
}
