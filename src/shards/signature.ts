import { createHash } from 'node:crypto';
import type { Entry } from '../model/entry.ts';
import { escapeName } from './escaped-name.ts';
import { typeLetters } from './listing-row.ts';

/** What a listing says of an entry, but for its disk and for the names that it shares its file with. */
type Looks = Pick<Entry, 'path' | 'type' | 'bytes' | 'mtimeNs' | 'mode' | 'uid' | 'gid' | 'target'>;

/**
 * SHA-256, in hexadecimal, over the looks of entries that are sorted by path: the same for the lines of a listing and for the members that were made
 * of them, if nothing at all has changed. So an archive can be seen to be up to date without reading what is recorded of each member.
 */
export function signatureOfEntries(entries: Iterable<Looks>): string {
  let text = '';
  for (const { path, type, bytes, mtimeNs, mode, uid, gid, target } of entries) {
    const link = target === undefined ? '' : escapeName(target);
    text += `${escapeName(path)},${typeLetters[type]},${bytes},${mtimeNs},${mode.toString(8)},${uid},${gid},${link}\n`;
  }
  return signatureOf(text);
}

/** The same for lines of a listing, without their newlines. */
export function signatureOfLines(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    const path = line.indexOf(',');
    const disk = line.indexOf(',', path + 1);
    const reason = line.lastIndexOf(',');
    const shared = line.lastIndexOf(',', reason - 1);
    text += `${line.slice(0, path)}${line.slice(disk, shared)}\n`;
  }
  return signatureOf(text);
}

function signatureOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
