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
export interface Signature {
  add(looks: Looks): void;
  /** A line of a listing, without its newline. */
  addLine(line: string): void;
  /** The signature of all that was added; after this nothing can be. */
  digest(): string;
}

const pieceLength = 64 * 1024;

/** A signature of nothing yet. */
export function signature(): Signature {
  const hash = createHash('sha256');
  let text = '';
  const addText = (more: string) => {
    text += more;
    if (text.length < pieceLength) return;
    hash.update(text, 'utf8');
    text = '';
  };
  return {
    add({ path, type, bytes, mtimeNs, mode, uid, gid, target }) {
      const link = target === undefined ? '' : escapeName(target);
      addText(
        `${escapeName(path)},${typeLetters[type]},${bytes},${mtimeNs},${mode.toString(8)},${uid},${gid},${link}\n`,
      );
    },
    addLine(line) {
      const path = line.indexOf(',');
      const disk = line.indexOf(',', path + 1);
      const reason = line.lastIndexOf(',');
      const shared = line.lastIndexOf(',', reason - 1);
      addText(`${line.slice(0, path)}${line.slice(disk, shared)}\n`);
    },
    digest: () => hash.update(text, 'utf8').digest('hex'),
  };
}

/** The signature of entries, or of members. */
export function signatureOfEntries(entries: Iterable<Looks>): string {
  const made = signature();
  for (const entry of entries) made.add(entry);
  return made.digest();
}

/** The signature of lines of a listing, without their newlines. */
export function signatureOfLines(lines: Iterable<string>): string {
  const made = signature();
  for (const line of lines) made.addLine(line);
  return made.digest();
}
