import { isStowageError, StowageError } from '../errors.ts';
import type { Access } from '../grid/grid-commands.ts';
import { readUrl } from '../grid/xrootd/transfers.ts';
import { displayName } from '../model/byte-name.ts';
import type { ByteRange, StoredObject } from '../store/store.ts';
import { isErrno } from './grid-errno.ts';
import type { GridSessions } from './grid-link.ts';
import { authorized } from './grid-write.ts';

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

/** The bytes of a range, from the first replica that gives them; where one fails in the middle, the next goes on. */
export async function* readReplicas(
  sessions: GridSessions,
  object: StoredObject,
  accesses: readonly Access[],
  range: ByteRange,
  call: Call,
): AsyncGenerator<Uint8Array> {
  let at = range.start;
  const failures: string[] = [];
  let cause: unknown;
  for (const access of accesses) {
    try {
      for await (const chunk of readUrl(sessions.xrootd, authorized(access), {
        offset: at,
        bytes: range.end - at,
        ...call,
      })) {
        at += chunk.length;
        yield chunk;
      }
      if (at === range.end) return;
      failures.push(`${access.se}: it ends at byte ${at}`);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (!isStowageError(error)) throw error;
      failures.push(`${access.se}: ${error.message}`);
      cause = error;
    }
  }
  throw new StowageError(
    'unavailable',
    `'${displayName(object.key)}' cannot be read: ${failures.join('; ') || 'it has no replica'}`,
    {
      hint: 'try again later',
      facts: { replicas: accesses.map(({ se }) => se) },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
