import { createReadStream } from 'node:fs';
import { StowageError } from '../errors.ts';
import { replicaUrl } from '../grid/copy/replica-url.ts';
import type { Access, NewFile } from '../grid/grid-commands.ts';
import { checksumUrl, removeFile } from '../grid/xrootd/name-space.ts';
import { storeUrl } from '../grid/xrootd/transfers.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { Written } from '../store/store.ts';
import type { GridBookings } from './grid-bookings.ts';
import { isErrno } from './grid-errno.ts';
import type { GridSessions } from './grid-link.ts';
import { gridObject } from './grid-object.ts';
import { type GridPlaces, newGridToken } from './grid-places.ts';
import type { SpooledObject } from './grid-spool.ts';

/** What writing needs to know of the store that it works in. */
export interface GridParts {
  readonly places: GridPlaces;
  readonly bookings: GridBookings;
  /** What is asked for: `disk:2`, names of storage elements, `!SE`. Empty: what the VO has as its default. */
  readonly where: readonly string[];
}

/** Sends an object to the storage elements, checks it there, and registers it under the name under which it waits. */
export async function writeToGrid(
  { places, bookings, where }: GridParts,
  sessions: GridSessions,
  key: StoreKey,
  spooled: SpooledObject,
  signal: AbortSignal | undefined,
): Promise<Written> {
  const { grid, xrootd } = sessions;
  const call = signal === undefined ? {} : { signal };
  const token = newGridToken(key);
  const lfn = places.waitingObject(token);
  const { bytes, md5 } = spooled;
  const file: NewFile = { bytes, md5, where };
  const accesses = await accessesFor(sessions, places, key, lfn, file, call);
  const guid = accesses[0]!.guid;
  const replicas = accesses.map(({ se, url, envelope }) => ({ se, url, envelope }));
  await bookings.note({ location: places.location, key, token, guid, bytes, md5, replicas });
  const stored = await Promise.allSettled(
    accesses.map(async (access) => {
      await storeUrl(xrootd, replicaUrl(access), createReadStream(fsPath(spooled.path)), { bytes, ...call });
      await checkStored(sessions, access, md5, call);
      await grid.commit(access, lfn, file, call);
    }),
  );
  for (const one of stored) if (one.status === 'rejected') throw one.reason;
  await bookings.forget(token);
  const seen = await grid.stat(lfn, call);
  if (seen === undefined || seen.bytes !== bytes || seen.guid?.toLowerCase() !== guid.toLowerCase())
    throw new StowageError('corrupt', `what was registered for '${displayName(key)}' is not what was sent`, {
      facts: { bytes, seen: seen?.bytes, guid, seenGuid: seen?.guid },
    });
  return { key, token, object: gridObject(key, seen) };
}

async function accessesFor(
  { grid }: GridSessions,
  places: GridPlaces,
  key: StoreKey,
  lfn: string,
  file: NewFile,
  call: { readonly signal?: AbortSignal },
): Promise<readonly Access[]> {
  try {
    const accesses = await grid.accessToWrite(lfn, file, call);
    if (accesses.length > 0) return accesses;
  } catch (error) {
    // EBADFD: no storage element, or no permission; the server does not say which.
    if (!isErrno(error, 77)) throw error;
    throw new StowageError('unavailable', `the Grid offers no place for '${displayName(key)}'`, {
      hint: `may you write below ${displayName(places.root)}, and is there a storage element for ${file.where?.join(',') || 'the default'}?`,
      cause: error,
    });
  }
  throw new StowageError('unavailable', `the Grid offers no place for '${displayName(key)}'`);
}

/** The storage element says itself what it holds; one that knows no md5 has said its size. */
async function checkStored(
  { xrootd }: GridSessions,
  access: Access,
  md5: string,
  call: { readonly signal?: AbortSignal },
): Promise<void> {
  const held = await md5At(xrootd, access, call);
  if (held === undefined || held === md5) return;
  await removeFile(xrootd, replicaUrl(access)).catch(() => undefined);
  throw new StowageError('corrupt', `what ${access.se} holds is not what was sent: its md5 is ${held}, not ${md5}`, {
    hint: 'run the same command again; if it stays so, leave that storage element out',
    facts: { se: access.se },
  });
}

/** The md5 that a storage element has of a replica; undefined if it keeps no such digests. */
export async function md5At(
  xrootd: GridSessions['xrootd'],
  access: Pick<Access, 'url' | 'envelope'>,
  call: { readonly signal?: AbortSignal },
): Promise<string | undefined> {
  try {
    return (await checksumUrl(xrootd, replicaUrl(access), { kind: 'md5', ...call })).value.toLowerCase();
  } catch (error) {
    if (error instanceof StowageError && error.facts.errno === 'ENOTSUP') return undefined;
    throw error;
  }
}
