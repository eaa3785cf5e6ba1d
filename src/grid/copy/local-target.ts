import { createHash } from 'node:crypto';
import { createReadStream, lstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { baseOf } from '../../model/relative-path.ts';
import type { KnownFile } from './copy-job.ts';

/** What lies where a file is to come. */
export interface TargetThere {
  readonly bytes: number;
  readonly changed: Date;
  /** Permission bits. */
  readonly mode: number;
  /** True if the name is a link to it: what is there may be looked at, and nothing is written over it. */
  readonly isLink: boolean;
}

/**
 * What a download would find under its name; undefined if the name is free, whatever is above it. Throws `refused` for what no file may take the place of: a directory, a link that leads nowhere,
 * a device or a pipe.
 */
export async function lookAtTarget(path: string): Promise<TargetThere | undefined> {
  const name = displayName(path);
  if (path.endsWith('/') || baseOf(path) === '') throw new StowageError('refused', `'${name}' is no name of a file`);
  try {
    // At once: for many files a promise for each look costs ten times the look.
    const found = lstatSync(fsPath(path), { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const isLink = found.isSymbolicLink();
    const at = isLink ? await stat(fsPath(path)).catch(unlessAbsent) : found;
    if (at === undefined) throw inTheWay(name, 'is a link that leads nowhere');
    if (at.isDirectory()) throw inTheWay(name, 'is a directory');
    if (!at.isFile()) throw inTheWay(name, 'is no file');
    return { bytes: at.size, changed: at.mtime, mode: at.mode & 0o7777, isLink };
  } catch (error) {
    throw fileError(`cannot look at '${name}'`, error);
  }
}

/**
 * How closely what is there was found to be what the catalogue has; undefined if it is not, or may not be. By size and time: it has that size, and is no older. By MD5: its bytes
 * have that MD5; where the catalogue has none, by size and time.
 */
export async function presentBy(
  path: string,
  there: TargetThere,
  known: KnownFile,
  closely: 'size and time' | 'md5',
): Promise<'size and time' | 'md5' | undefined> {
  if (there.bytes !== known.bytes) return undefined;
  if (closely === 'md5' && known.md5 !== undefined) {
    return (await md5Of(path)) === known.md5.toLowerCase() ? 'md5' : undefined;
  }
  if (known.changed === undefined) return undefined;
  // Whole seconds: the catalogue has no others.
  const isOlder = Math.floor(there.changed.getTime() / 1000) < Math.floor(known.changed.getTime() / 1000);
  return isOlder ? undefined : 'size and time';
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  try {
    for await (const piece of createReadStream(fsPath(path), { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
  return hash.digest('hex');
}

function inTheWay(name: string, what: string): StowageError {
  return new StowageError('refused', `'${name}' ${what}, and stays what it is`, {
    hint: 'remove it, or give the copy another name',
    facts: { errno: 'EEXIST' },
  });
}

function unlessAbsent(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
  return undefined;
}
