import { StowageError } from '../errors.ts';
import { readReplicas } from '../grid/copy/read-replicas.ts';
import { replicaSet } from '../grid/copy/replica-set.ts';
import { replicaUrl } from '../grid/copy/replica-url.ts';
import type { Access } from '../grid/grid-commands.ts';
import { displayName } from '../model/byte-name.ts';
import type { ByteRange, StoredObject } from '../store/store.ts';
import { isErrno } from './grid-errno.ts';
import type { GridSessions } from './grid-link.ts';

interface Call {
  readonly signal?: AbortSignal;
}

/** The permissions to read each replica of a file. Rejects with `unavailable` where there is none. */
export async function replicasOf(
  { grid }: GridSessions,
  lfn: string,
  object: StoredObject,
  call: Call,
): Promise<readonly Access[]> {
  const accesses = await grid.accessToRead(lfn, [], call).catch((error: unknown) => {
    if (!isErrno(error, 77)) throw error;
    throw new StowageError('unavailable', `the Grid gives no replica of '${displayName(object.key)}' to read`, {
      cause: error,
    });
  });
  const others = accesses.filter(({ guid }) => guid.toLowerCase() !== object.version);
  if (others.length > 0)
    throw new StowageError('changed', `'${displayName(object.key)}' was replaced on the Grid while it was looked at`);
  return accesses;
}

/** The storage elements that the catalogue says have it; none for an object that has no content. */
export async function replicaNames(
  { grid }: GridSessions,
  lfn: string,
  object: StoredObject,
  call: Call,
): Promise<readonly string[]> {
  try {
    return (await grid.whereis(lfn, { resolve: true, ...call })).map(({ se }) => se);
  } catch (error) {
    // ENOLINK: it is registered, and there is no replica.
    if (isErrno(error, 67)) return [];
    if (isErrno(error, 2))
      throw new StowageError('missing', `'${displayName(object.key)}' has gone from the Grid`, { cause: error });
    throw error;
  }
}

/** The replica at this storage element alone. Rejects with `missing` if it has none. */
export function onlyAt(accesses: readonly Access[], se: string, object: StoredObject): readonly Access[] {
  const only = accesses.filter((access) => access.se === se);
  if (only.length > 0) return only;
  throw new StowageError('missing', `the catalogue has no replica of '${displayName(object.key)}' at ${se}`);
}

/** The bytes of a range, from the first replica that gives them; where one fails, the next goes on. */
export function bytesFrom(
  { xrootd }: GridSessions,
  object: StoredObject,
  accesses: readonly Access[],
  range: ByteRange,
  call: Call,
): AsyncIterable<Uint8Array> {
  const set = replicaSet(accesses.map((access) => ({ se: access.se, url: replicaUrl(access) })));
  const wanted = { lfn: object.key, fileBytes: object.bytes, offset: range.start, bytes: range.end - range.start };
  return readReplicas(xrootd, set, wanted, call);
}
