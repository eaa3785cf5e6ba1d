import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { StoredObject } from '../store/store.ts';

/** A directory that is not there is not an empty store: a disk may not be mounted. */
export async function requireRoot(root: string, location: string): Promise<void> {
  const stats = await statOf(root, `cannot look at the store ${location}`);
  if (stats?.isDirectory()) return;
  const what = stats === undefined ? 'does not exist' : 'is not a directory';
  throw new StowageError('unavailable', `the store ${location} ${what}`, {
    hint: `if it lies on a disk that is not mounted, mount it; if it is new: mkdir -p '${displayName(root)}'`,
  });
}

/** What lies at a path, links followed; undefined if it was seen that nothing does. `what` begins the message of an error. */
export async function statOf(path: string, what: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(fsPath(path), { bigint: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fileError(what, error);
  }
}

/** A file of the store as an object. */
export function objectOf(key: StoreKey, stats: BigIntStats): StoredObject {
  return {
    key,
    bytes: Number(stats.size),
    version: `${stats.size}-${stats.mtimeNs}-${stats.ino}`,
    modifiedNs: stats.mtimeNs,
    digests: {},
    state: 'readable',
  };
}
