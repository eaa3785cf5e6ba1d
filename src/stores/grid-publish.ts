import { isStowageError, StowageError } from '../errors.ts';
import type { CatalogueEntry } from '../grid/grid-results.ts';
import { directoryOfLfn } from '../grid/lfn.ts';
import { displayName } from '../model/byte-name.ts';
import { publishDecision } from '../store/publish-decision.ts';
import type { Published, StoredObject, Versions, Written } from '../store/store.ts';
import type { GridSessions } from './grid-link.ts';
import { lookAt } from './grid-look.ts';
import { gridObject } from './grid-object.ts';
import type { GridPlaces } from './grid-places.ts';

interface Call {
  readonly signal?: AbortSignal;
}

/** What lies where, of one object that is to be published. */
export interface GridSight {
  readonly final: StoredObject | undefined;
  readonly waiting: StoredObject | undefined;
  /** What stood under the name before, put aside. */
  readonly replaced: StoredObject | undefined;
}

/**
 * Gives written objects their names, in the catalogue alone: no byte moves. What is replaced is put aside first, then the new one gets the name, and only when it is seen there is the old
 * one removed. What was done of it before a kill is seen from what lies where, and the rest is done.
 */
export async function* publishOnGrid(
  places: GridPlaces,
  sessions: GridSessions,
  written: readonly Written[],
  replaces: Versions | undefined,
  call: Call,
): AsyncGenerator<Published> {
  const made = new Set<string>();
  for (const one of written) {
    call.signal?.throwIfAborted();
    const sight = await sightOf(places, sessions, one, call);
    // Put aside by a run that was killed: it still counts as what is under the name.
    const current = sight.final ?? (sight.waiting === undefined ? undefined : sight.replaced);
    const decision = publishDecision(one, current, replaces?.get(one.key), {
      isOurs: sight.final?.version === one.object.version,
      isWaiting: sight.waiting !== undefined,
    });
    const object = decision === 'done' ? sight.final! : await giveName(places, sessions, one, sight, made, call);
    if (sight.replaced !== undefined || (decision === 'publish' && sight.final !== undefined)) {
      // The new one stands: what cannot be removed now is debris for the next run, and no failure of this one.
      await sessions.grid.rm([places.replacedObject(one.token, one.object.version)]).catch(() => undefined);
    }
    yield { key: one.key, object };
  }
}

/** What the catalogue shows of this object and its name. Throws `exists` where a directory has the name. */
export async function sightOf(
  places: GridPlaces,
  sessions: GridSessions,
  one: Pick<Written, 'key' | 'token' | 'object'>,
  call: Call,
): Promise<GridSight> {
  const lfns = [
    places.object(one.key),
    places.waitingObject(one.token),
    places.replacedObject(one.token, one.object.version),
  ];
  const [final, waiting, replaced] = await lookAt(sessions, lfns, call);
  if (final?.type === 'directory')
    throw new StowageError('exists', `'${displayName(one.key)}' is a directory on the Grid`);
  const objectOf = (entry: CatalogueEntry | undefined) =>
    entry === undefined ? undefined : gridObject(one.key, entry);
  return { final: objectOf(final), waiting: objectOf(waiting), replaced: objectOf(replaced) };
}

async function giveName(
  places: GridPlaces,
  sessions: GridSessions,
  one: Written,
  sight: GridSight,
  made: Set<string>,
  call: Call,
): Promise<StoredObject> {
  const { grid } = sessions;
  const final = places.object(one.key);
  const directory = directoryOfLfn(final).replace(/\/$/, '');
  if (!made.has(directory)) {
    await grid.mkdir(directory, { parents: true, ...call });
    made.add(directory);
  }
  if (sight.final !== undefined) {
    const aside = places.replacedObject(one.token, one.object.version);
    await grid.mv(final, aside, call);
    const now = await sightOf(places, sessions, one, call);
    if (now.final !== undefined || now.replaced?.version !== sight.final.version)
      throw new StowageError('unavailable', `the old '${displayName(one.key)}' could not be put aside on the Grid`, {
        hint: 'run the same command again; nothing is lost',
        facts: { aside, seen: now.replaced?.version, expected: sight.final.version },
      });
  }
  const failure = await grid.mv(places.waitingObject(one.token), final, call).then(
    () => undefined,
    (error: unknown) => error,
  );
  const now = await sightOf(places, sessions, one, call);
  if (now.final?.version === one.object.version) return now.final;
  await takeBack(places, sessions, one, call);
  // The old one is not to be missed until the next run.
  if (now.final === undefined && now.replaced !== undefined)
    await grid.mv(places.replacedObject(one.token, one.object.version), final, call).catch(() => undefined);
  if (now.final !== undefined)
    throw new StowageError('exists', `'${displayName(one.key)}' was made in the store by someone else meanwhile`, {
      facts: { version: now.final.version },
    });
  throw new StowageError('unavailable', `'${displayName(one.key)}' did not get its name on the Grid`, {
    hint: 'run the same command again: what waits is finished or removed first',
    facts: { expected: one.object.version },
    ...(failure === undefined ? {} : { cause: failure }),
  });
}

/** A server moves beside, as a backup, what comes to a name that is taken: it is no backup of anything, and goes back to where it waited. */
async function takeBack(places: GridPlaces, sessions: GridSessions, one: Written, call: Call): Promise<void> {
  const beside = `${places.object(one.key)}_backup`;
  try {
    const [entry] = await lookAt(sessions, [beside], call);
    if (entry === undefined || gridObject(one.key, entry).version !== one.object.version) return;
    await sessions.grid.mv(beside, places.waitingObject(one.token), call);
  } catch (error) {
    // What went wrong before is told; this is found by the next look.
    if (!isStowageError(error)) throw error;
  }
}
