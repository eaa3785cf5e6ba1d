import { isStowageError, StowageError } from '../errors.ts';
import { replicaUrl } from '../grid/copy/replica-url.ts';
import { gridError } from '../grid/errno.ts';
import { removeFile } from '../grid/xrootd/name-space.ts';
import { displayName } from '../model/byte-name.ts';
import { storeKey } from '../model/store-key.ts';
import type { Written } from '../store/store.ts';
import type { Booking } from './grid-bookings.ts';
import { isErrno } from './grid-errno.ts';
import type { GridSessions } from './grid-link.ts';
import { filesBelow, lookAt } from './grid-look.ts';
import { gridObject } from './grid-object.ts';
import { type GridPlaces, readWaitingName } from './grid-places.ts';
import { sightOf } from './grid-publish.ts';
import type { GridParts } from './grid-write.ts';

interface Call {
  readonly signal?: AbortSignal;
}

/** What killed runs left, each once: what waits, what was put aside for what waited, and what was being sent. */
export async function* gridDebris(
  { places, bookings }: GridParts,
  sessions: GridSessions,
  call: Call,
): AsyncGenerator<Written> {
  const told = new Set<string>();
  const aside = new Map<string, Written>();
  for await (const file of filesBelow(sessions, places.waiting, call)) {
    const name = readWaitingName(file.lfn.slice(places.waiting.length + 1));
    if (name === undefined) continue;
    const { key, token, replacedBy } = name;
    const object = gridObject(key, file);
    if (replacedBy !== undefined) aside.set(token, { key, token, object: { ...object, version: replacedBy } });
    else {
      told.add(token);
      yield { key, token, object };
    }
  }
  for (const [token, written] of aside) {
    if (told.has(token)) continue;
    told.add(token);
    yield written;
  }
  for (const booking of await bookings.all()) {
    const { token, guid, bytes } = booking;
    if (told.has(token)) continue;
    const key = storeKey(booking.key);
    yield { key, token, object: { key, bytes, version: guid.toLowerCase(), digests: {}, state: 'readable' } };
  }
}

/**
 * Removes what was written and not published. What was put aside for it goes back under its name, unless what replaced it stands there. Idempotent. What the Grid has in its catalogue it removes from the storage
 * elements itself, in its own time; what never came into the catalogue is removed here, where the storage element lets us.
 */
export async function discardOnGrid(
  { places, bookings }: GridParts,
  sessions: GridSessions,
  written: Written,
  tell: (text: string) => void,
  call: Call,
): Promise<void> {
  const { grid } = sessions;
  const booking = await bookings.read(written.token);
  const sight = await sightOf(places, sessions, written, call).catch((error: unknown) => {
    // The name was taken by a directory: what waits is removed all the same.
    if (!isStowageError(error, 'exists')) throw error;
    return undefined;
  });
  const final = places.object(written.key);
  const waiting = places.waitingObject(written.token);
  const aside = places.replacedObject(written.token, written.object.version);
  if (sight === undefined) {
    await removeSeen(sessions, places, written, waiting, call);
  } else {
    if (sight.replaced !== undefined && sight.final === undefined) {
      await grid.mv(aside, final, call);
      const now = await sightOf(places, sessions, written, call);
      if (now.final?.version !== sight.replaced.version) throw stays(written, 'the old one could not be put back');
    } else if (sight.replaced !== undefined && sight.final?.version === written.object.version) {
      await removeSeen(sessions, places, written, aside, call);
    }
    if (sight.waiting !== undefined) await removeSeen(sessions, places, written, waiting, call);
  }
  if (booking === undefined) return;
  await removeUnregistered(sessions, booking, written, tell, call);
  await bookings.forget(written.token);
}

async function removeSeen(
  sessions: GridSessions,
  places: GridPlaces,
  written: Written,
  lfn: string,
  call: Call,
): Promise<void> {
  if (!lfn.startsWith(`${places.waiting}/`)) throw new StowageError('bug', `'${displayName(lfn)}' does not wait`);
  const [entry] = await lookAt(sessions, [lfn], call);
  if (entry === undefined) return;
  const failure = await sessions.grid.rm([lfn], call).then(
    () => undefined,
    (error: unknown) => error,
  );
  const [left] = await lookAt(sessions, [lfn], call);
  if (left !== undefined) throw stays(written, 'it is still there', failure);
}

/** What was being sent when a run was killed: nobody will register it any more, so it goes. What did come into the catalogue is not touched. */
async function removeUnregistered(
  { grid, xrootd }: GridSessions,
  booking: Booking,
  written: Written,
  tell: (text: string) => void,
  call: Call,
): Promise<void> {
  const known = await grid.send('whereis', ['-nomsg', '-g', booking.guid], call);
  // ENOLINK: registered, and its replicas are lost.
  if (known.exitCode === 0 || known.exitCode === 67) return;
  if (known.exitCode !== absent) {
    tell(`${leftThere(written, 'storage elements')}: ${gridError('whereis', known.exitCode, known.error).message}`);
    return;
  }
  for (const replica of booking.replicas) {
    try {
      await removeFile(xrootd, replicaUrl(replica), call);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (isStowageError(error, 'missing')) continue;
      const why = isStowageError(error) ? error.message : String(error);
      tell(`${leftThere(written, replica.se)}: ${why}`);
    }
  }
}

const absent = 2;

const leftThere = ({ key }: Written, se: string) =>
  `what was being sent of '${displayName(key)}' to ${se} is left to the Grid’s own cleaning`;

function stays(written: Written, why: string, cause?: unknown): StowageError {
  const hint = isErrno(cause, 1, 5, 13) ? 'may you write there?' : 'the next run tries again';
  return new StowageError('unavailable', `a leftover of '${displayName(written.key)}' on the Grid stays: ${why}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
