import { recordedSections } from '../catalog/state-folder.ts';
import { isStowageError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { storeKey } from '../model/store-key.ts';
import type { ArchivesRun, DayArchives, DayToKeep, ReachedPlace } from '../pool/archives/day-archives.ts';
import type { PoolEvent } from '../pool/pool-event.ts';
import { archive } from '../verbs/archive/archive.ts';
import { type Project, projectOf } from '../verbs/project.ts';
import { rebuildCatalog } from '../verbs/rebuild/rebuild-catalog.ts';
import { verify } from '../verbs/verify/verify.ts';
import { dayHoldings, isAmong } from './day-holdings.ts';
import { besidePeers, dayNames } from './day-names.ts';
import { type DayNames, daysConfiguration } from './days-configuration.ts';
import { daysInStore } from './days-in-store.ts';
import { fetchFile } from './fetch-file.ts';
import { openedStore } from './opened-store.ts';
import { told } from './told.ts';

/**
 * A pool's days in any store, by the verbs that archive a section: what is true of those is true of days. The record of each store and staging directory lies in a folder of its own in
 * the pool's state. Throws `configuration` for a store that cannot be, or that lies in the staging directory.
 */
export async function dayArchives(place: ReachedPlace, run: ArchivesRun): Promise<DayArchives> {
  const { files, clock, signal } = run;
  const { store, state } = await openedStore(place, run);
  const { location } = store;
  const given = signal === undefined ? {} : { signal };
  const project = (days: ReadonlyMap<string, DayNames | undefined>): Project =>
    projectOf(
      { configuration: daysConfiguration(place, days), store, state, warnings: [] },
      { files, clock, pool: {} },
    );

  return {
    location,
    async look() {
      await store.stat(storeKey('.stowage/none'), given);
    },
    async *keep(staged, action) {
      const { day } = staged;
      const here = (names: DayNames) => project(new Map([[day, names]]));
      const digests = new Map(
        [...staged.members.values()].flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [[path, sha256]])),
      );
      let failed: unknown;
      async function* archived(names: DayNames): AsyncGenerator<PoolEvent> {
        for await (const event of archive(here(names), day, { ...given, jobs, policy, digests })) {
          if (event.kind === 'failed' && failed === undefined) {
            // It is thrown when the others are done.
            failed = event.error;
            continue;
          }
          const one = told(event, action, day);
          if (one !== undefined) yield one;
        }
      }
      try {
        const before = await dayHoldings(here(nothing), day);
        const names = await dayNames(here(nothing), staged, before);
        // What a killed run wrote is recorded first: it need not be made again.
        if (before.isUnsettled) yield* archived({ ...names, left: [...staged.members.keys(), ...names.left] });
        const now = before.isUnsettled ? await dayHoldings(here(nothing), day) : before;
        yield* archived(now === before ? names : await dayNames(here(nothing), staged, now));
      } catch (error) {
        throw inPoolsWords(staged, error, location);
      }
      if (failed !== undefined) throw inPoolsWords(staged, failed, location);
      const { held } = await dayHoldings(here(nothing), day);
      return new Map(
        [...staged.members].flatMap(([path, one]) => {
          const there = held.get(path)?.findLast((version) => isAmong([version], one));
          return there === undefined ? [] : [[path, there] as const];
        }),
      );
    },
    content: (day, path, which) => fetchFile(project(new Map([[day, undefined]])), day, path, { ...given, which }),
    async *verify(days, level) {
      const wanted = project(new Map(days.map((day) => [day, undefined])));
      // To read what sleeps on tape takes hours: that must be asked for.
      const closest = store.planRecall === undefined ? 'read' : 'size';
      for (const day of days) {
        for await (const event of verify(wanted, { section: day, level: level ?? closest, ...given })) {
          const one = told(event, 'verify', day);
          if (one !== undefined) yield one;
        }
      }
    },
    async close() {
      await store.close?.().catch(() => undefined);
    },
    async *learn() {
      const days: Map<string, DayNames> = await daysInStore(store, given);
      // Of a day that the store has no more there may be a record all the same.
      for (const day of await recordedSections(state)) if (!days.has(day)) days.set(day, nothing);
      const whole = project(days);
      for await (const event of rebuildCatalog(whole, given)) {
        const one = told(event, 'relearn', 'section' in event ? event.section : '');
        if (one !== undefined) yield one;
      }
      const found = new Map<string, ReadonlyMap<string, readonly Member[]>>();
      for (const day of days.keys()) {
        found.set(day, (await dayHoldings(whole, day)).held);
      }
      return found;
    },
  };
}

/** No archive is made of such a day. */
const nothing: DayNames = { peers: new Map(), beside: besidePeers(1), left: [] };

const jobs = 2;
/** A peer's day is one archive, however large it is; and none ever gets smaller. */
const policy = { sizeLimit: Number.MAX_SAFE_INTEGER, allowShrink: false };

/** What a verb says of a project, as the owner of a pool can use it. */
function inPoolsWords({ folder, day }: DayToKeep, error: unknown, location: string): unknown {
  if (isStowageError(error, 'mismatch')) {
    return new StowageError('mismatch', `${location} has archives of ${day} that this pool knows nothing of`, {
      hint: 'if the state of the pool was lost: stowage pool relearn CONFIG; if another pool stores there: give each its own place',
      cause: error,
    });
  }
  if (!isStowageError(error, 'corrupt') || typeof error.facts.file !== 'string') return error;
  // That a staged file is another one says more than that an archive could not be made of it.
  const path = displayName(`${folder}/${error.facts.file}`);
  return new StowageError('corrupt', `'${path}' is not what was staged: it was damaged since`, {
    hint: 'move it aside, and stage that day again if it is today; or store the rest without it',
    cause: error,
  });
}
