import { createHash } from 'node:crypto';
import { StowageError } from '../errors.ts';
import { provenBytes, provenFirst } from '../grid/copy/proven-bytes.ts';
import type { ContentSource } from '../grid/copy/read-proven.ts';
import { readReplicas } from '../grid/copy/read-replicas.ts';
import { isNoReplicaLeft, replicaSet } from '../grid/copy/replica-set.ts';
import { replicaUrl } from '../grid/copy/replica-url.ts';
import type { Access } from '../grid/grid-results.ts';
import { checksumUrl } from '../grid/xrootd/name-space.ts';
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

/** The MD5 that a storage element has of a replica; undefined if it keeps none. */
export async function md5At({ xrootd, sums }: GridSessions, access: Access, call: Call): Promise<string | undefined> {
  const url = replicaUrl(access);
  if ((await sums.kindOf(url)) !== 'md5') return undefined;
  return (await checksumUrl(xrootd, url, { kind: 'md5', ...call })).value.toLowerCase();
}

/**
 * The bytes of a range, from the first replica that gives them; where one fails, the next goes on. The whole of an object is checked by the MD5 of the catalogue: a small one before any of it is given away,
 * with all replicas tried; of a larger one a lie is known at the end, which throws `corrupt`.
 */
export async function* bytesFrom(
  { xrootd }: GridSessions,
  object: StoredObject,
  accesses: readonly Access[],
  range: ByteRange,
  call: Call,
): AsyncGenerator<Uint8Array> {
  const set = replicaSet(accesses.map((access) => ({ se: access.se, url: replicaUrl(access) })));
  const { md5 } = object.digests;
  const whole = { lfn: object.key, fileBytes: object.bytes };
  const isWhole = range.start === 0 && range.end === object.bytes;
  if (!isWhole || md5 === undefined) {
    yield* readReplicas(xrootd, set, { ...whole, offset: range.start, bytes: range.end - range.start }, call);
    return;
  }
  if (object.bytes <= provenFirst) {
    const source: ContentSource = {
      joins: true,
      isWhole: true,
      stream: (from, gives) => readReplicas(xrootd, from, whole, { ...call, gives }),
    };
    yield* await provenBytes(xrootd, set, { lfn: object.key, bytes: object.bytes, md5 }, source, call.signal);
    return;
  }
  const digest = createHash('md5');
  const givers = new Set<string>();
  for await (const chunk of readReplicas(xrootd, set, whole, { ...call, gives: ({ se }) => givers.add(se) })) {
    digest.update(chunk);
    yield chunk;
  }
  const seen = digest.digest('hex');
  if (seen === md5) return;
  const from = [...givers].join(' and ');
  throw new StowageError(
    'corrupt',
    `'${displayName(object.key)}' came from ${from} with the MD5 ${seen}; the catalogue has ${md5}`,
    {
      facts: { elements: [...givers], md5: seen, expected: md5 },
    },
  );
}

/** The same, of one replica: its own failure, as who asked for it knows which one that is. */
export async function* ofOneReplica(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw isNoReplicaLeft(error) && error.cause instanceof StowageError ? error.cause : error;
  }
}
