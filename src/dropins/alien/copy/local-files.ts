import type { Dirent, Stats } from 'node:fs';
import { lstatSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileError, StowageError } from '../../../errors.ts';
import { compareNames, displayName, fsPath, isUtf8Name, nameFromBytes } from '../../../model/byte-name.ts';

/** What was found below a directory of this machine. */
export type LocalFind =
  /** `below` is its path below the directory. */
  | { readonly kind: 'file'; readonly below: string; readonly bytes: number; readonly changedMs: number }
  /** Nothing that could be copied; why not. */
  | { readonly kind: 'left out'; readonly path: string; readonly reason: StowageError }
  /** The Grid has files; a directory without any is told of, and not made. */
  | { readonly kind: 'empty'; readonly path: string };

const breathing = 1000;

/** All that lies below a directory, in the order of the bytes of names. Links are not followed. */
export async function* localFiles(directory: string, below = ''): AsyncGenerator<LocalFind> {
  const path = below === '' ? directory : `${directory === '/' ? '' : directory}/${below}`;
  const entries = entriesOf(path);
  if ('reason' in entries) return yield entries;
  if (entries.length === 0) yield { kind: 'empty', path };
  for (const [index, entry] of entries.entries()) {
    // So that a Ctrl-C is heard, however much lies here.
    if (index % breathing === breathing - 1) await setImmediate();
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    const own = `${path === '/' ? '' : path}/${entry.name}`;
    if (entry.type.isDirectory()) yield* localFiles(directory, name);
    else if (entry.type.isFile()) yield fileAt(own, name);
    else yield leftOut(own, entry.type.isSymbolicLink() ? aLink : 'is neither a file nor a directory');
  }
}

const aLink = 'is a link, which the Grid cannot hold; name what it leads to';

function fileAt(path: string, below: string): LocalFind {
  if (!isUtf8Name(below)) return leftOut(path, 'has a name that is not UTF-8, which the Grid cannot hold');
  let stats: Stats;
  try {
    stats = lstatSync(fsPath(path));
  } catch (error) {
    return { kind: 'left out', path, reason: fileError(`cannot look at '${displayName(path)}'`, error) };
  }
  return { kind: 'file', below, bytes: stats.size, changedMs: stats.mtimeMs };
}

function entriesOf(
  path: string,
): readonly { name: string; type: Dirent<Buffer> }[] | (LocalFind & { reason: unknown }) {
  try {
    return readdirSync(fsPath(path), { withFileTypes: true, encoding: 'buffer' })
      .map((type) => ({ name: nameFromBytes(type.name), type }))
      .sort((a, b) => compareNames(a.name, b.name));
  } catch (error) {
    return { kind: 'left out', path, reason: fileError(`cannot list '${displayName(path)}'`, error) };
  }
}

function leftOut(path: string, why: string): LocalFind {
  const reason = new StowageError('refused', `'${displayName(path)}' ${why}`, { facts: { errno: 22 } });
  return { kind: 'left out', path, reason };
}
