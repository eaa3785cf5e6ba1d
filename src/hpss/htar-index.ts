import type { HtarEntry } from './htar-entries.ts';
import { epochSeconds } from './site-zone.ts';

/** What a line of htar's listing says of a member, so far as it can be known. */
export type HtarItem =
  | {
      readonly kind: 'member';
      readonly path: string;
      readonly type: 'file' | 'link' | 'directory';
      readonly bytes: number;
      /** Seconds since 1970 UTC; listings have whole minutes. */
      readonly mtime: number;
      readonly mode: number;
      readonly target?: string;
    }
  | { readonly kind: 'foreign'; readonly path: string; readonly what: string };

/** htar's own member, by which it knows that archive and index belong together. */
const consistencyFile = /(?:^|\/)HTAR_CF_CHK_\d+_\d+$/;

/** The members of an archive by its listing; htar's own is left out. */
export function* htarItems(entries: Iterable<HtarEntry>, zone?: string): Generator<HtarItem> {
  for (const entry of entries) {
    const { type, name, deleted, bytes } = entry;
    if (consistencyFile.test(name)) continue;
    if (deleted) {
      yield { kind: 'foreign', path: name, what: 'a member that is marked as deleted in the index' };
      continue;
    }
    const [hour, minute] = entry.clock.split(':').map(Number) as [number, number];
    const mtime = epochSeconds({ ...entry, hour, minute, second: 0 }, zone);
    const facts = { kind: 'member', mtime, mode: modeOf(entry.permission) } as const;
    if (type === 'd') yield { ...facts, path: name.replace(/\/+$/, ''), type: 'directory', bytes: 0 };
    else if (type === '-') yield { ...facts, path: name, type: 'file', bytes };
    else if (type === 'l' && name.includes(' -> ')) {
      const at = name.indexOf(' -> ');
      yield { ...facts, path: name.slice(0, at), type: 'link', bytes: 0, target: name.slice(at + 4) };
    } else {
      const what = type === 'l' ? 'a link, and the index does not say where it leads' : `of a type '${type}'`;
      yield { kind: 'foreign', path: name, what };
    }
  }
}

/** `rwxr-x--T` in octal. */
export function modeOf(permission: string): number {
  let bits = 0;
  for (const [at, letter] of [...permission].entries()) {
    if (letter !== '-' && letter !== 'S' && letter !== 'T') bits |= 1 << (8 - at);
    if (/[sStT]/.test(letter)) bits |= [0o4000, 0o2000, 0o1000][Math.floor(at / 3)]!;
  }
  return bits;
}
