import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { fsPath, isUtf8Name, nameFromBytes } from '../../../model/byte-name.ts';
import { attributesOf, type HeldObject, identityOf } from './attributes.ts';
import { asHpssError, HpssError } from './hpss-error.ts';
import { place, type System } from './system.ts';

const mostLinks = 40;
const longestName = 255;
const longestPath = 1023;

/** Where a path leads: the object, or, when only the last name is absent, where it would be. */
export interface Looked {
  readonly path: string;
  readonly local: string;
  readonly object?: HeldObject;
}

/** An absolute path for one that is relative to a directory; `~` is the home directory. */
export function absolutePath({ settings }: System, from: string, path: string): string {
  if (path === '~' || path.startsWith('~/')) return settings.home + path.slice(1);
  return path.startsWith('/') ? path : `${from}/${path}`;
}

/**
 * Follows an absolute path name by name. Links lead within HPSS, never out into the machine, and are followed here for that reason; the last
 * one only if asked. Throws `HpssError`.
 */
export function look(system: System, path: string, follow: boolean): Looked {
  const waiting = names(system, path).reverse();
  let at = '';
  let links = 0;
  while (waiting.length > 0) {
    const name = waiting.pop()!;
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = `${at}/${name}`;
    const object = heldAt(system, next);
    const last = waiting.length === 0;
    if (object === undefined) {
      if (last) return { path: next, local: localPath(system, next) };
      throw new HpssError('ENOENT', path);
    }
    if (object.type === 'l' && (!last || follow)) {
      links += 1;
      if (links > mostLinks) throw new HpssError('ELOOP', path);
      const target = object.target!;
      if (target.startsWith('/')) at = '';
      waiting.push(...names(system, target).reverse());
      continue;
    }
    if (!last && object.type !== 'd') throw new HpssError('ENOTDIR', path);
    at = next;
    if (!last) mustBeAllowed(system, object, 1, path);
  }
  const end = at === '' ? '/' : at;
  const object = heldAt(system, end);
  if (object === undefined) throw new HpssError('ENOENT', path);
  return { path: end, local: object.local, object };
}

/** The object at an absolute path. Throws `HpssError`, with ENOENT if there is none. */
export function find(system: System, path: string, follow = true): HeldObject {
  const { object } = look(system, path, follow);
  if (object === undefined) throw new HpssError('ENOENT', path);
  return object;
}

/** The object that a path leads to; undefined if there is none, or no directory for it. Throws `HpssError` for all else. */
export function findIfThere(system: System, path: string, follow = true): HeldObject | undefined {
  try {
    return look(system, path, follow).object;
  } catch (error) {
    if (error instanceof HpssError && error.symbol === 'ENOENT') return undefined;
    throw error;
  }
}

/** What a directory holds, sorted by the bytes of the names. */
export function entriesOf(system: System, directory: HeldObject): readonly (readonly [string, HeldObject])[] {
  if (directory.type !== 'd') throw new HpssError('ENOTDIR', directory.path);
  mustBeAllowed(system, directory, 4, directory.path);
  let found: Buffer[];
  try {
    found = readdirSync(fsPath(directory.local), { encoding: 'buffer' });
  } catch (error) {
    throw asHpssError(error, directory.path);
  }
  return found.sort(Buffer.compare).flatMap((bytes) => {
    const name = nameFromBytes(bytes);
    // Another process may have removed it meanwhile.
    const object = heldAt(system, joined(directory.path, name));
    return object === undefined ? [] : [[name, object] as const];
  });
}

/** The directory that holds a path, which must be there and may be written in. */
export function parentOf(system: System, path: string): HeldObject {
  const parent = find(system, path.slice(0, Math.max(1, path.lastIndexOf('/'))));
  if (parent.type !== 'd') throw new HpssError('ENOTDIR', path);
  mustBeAllowed(system, parent, 2, path);
  return parent;
}

/** Throws EACCES unless the user may read (4), write (2) or enter (1) an object. */
export function mustBeAllowed(system: System, object: HeldObject, wish: 4 | 2 | 1, path: string): void {
  const { user, group } = system.settings;
  const attributes = attributesOf(system, object);
  const shift = attributes.owner === user ? 6 : attributes.group === group ? 3 : 0;
  if (((attributes.mode >> shift) & wish) === 0) throw new HpssError('EACCES', path);
}

/** Throws EPERM unless the user owns an object. */
export function mustBeOwned(system: System, object: HeldObject, path: string): void {
  if (attributesOf(system, object).owner !== system.settings.user) throw new HpssError('EPERM', path);
}

/** The path of a name in a directory. */
export function joined(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function localPath(system: System, path: string): string {
  return `${place(system, 'files')}${path === '/' ? '' : path}`;
}

function names({ settings }: System, path: string): string[] {
  const found = path.split('/').filter((name) => name !== '' && name !== '.');
  for (const name of found) {
    const bytes = isUtf8Name(name) ? Buffer.byteLength(name) : name.length;
    if (bytes > longestName) throw new HpssError('ENAMETOOLONG', path);
    if (name.includes('\0')) throw new HpssError('EINVAL', path);
    if (settings.names === 'printable ASCII' && !/^[ -~]+$/.test(name)) throw new HpssError('EINVAL', path);
  }
  if (path.length > longestPath) throw new HpssError('ENAMETOOLONG', path);
  return found;
}

function heldAt(system: System, path: string): HeldObject | undefined {
  const local = localPath(system, path);
  let stat: BigIntStats;
  try {
    stat = lstatSync(fsPath(local), { bigint: true });
  } catch (error) {
    const symbol = asHpssError(error, path).symbol;
    if (symbol === 'ENOENT' || symbol === 'ENOTDIR') return undefined;
    throw asHpssError(error, path);
  }
  const type = stat.isDirectory() ? 'd' : stat.isSymbolicLink() ? 'l' : '-';
  return {
    path,
    local,
    type,
    bytes: type === 'd' ? 512 : Number(stat.size),
    mtimeMs: Number(stat.mtimeNs) / 1e6,
    links: Number(stat.nlink),
    ...(type === 'l' ? { target: nameFromBytes(readlinkSync(fsPath(local), { encoding: 'buffer' })) } : {}),
    identity: identityOf(stat),
    mode: Number(stat.mode) & 0o7777,
    bornMs: Number(stat.birthtimeNs) / 1e6,
  };
}
