import { createHash } from 'node:crypto';
import { isSameObject } from '../catalog/archive-record.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { isStowageError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { isWithin } from '../model/relative-path.ts';
import { storeKey } from '../model/store-key.ts';
import { openStore } from '../open.ts';
import type { ArchivesPlace, ArchivesRun, DayArchives, DayToKeep } from '../pool/archives/day-archives.ts';
import { archive } from '../verbs/archive/archive.ts';
import { identityOf, type Project, projectOf } from '../verbs/project.ts';
import { verify } from '../verbs/verify/verify.ts';
import { type DayNames, daysConfiguration } from './days-configuration.ts';
import { fetchFile } from './fetch-file.ts';
import { namesOfDay } from './names-of-day.ts';
import { told } from './told.ts';

/**
 * A pool's days in any store, by the verbs that archive a section: what is true of those is true of days. The record of each store and staging directory lies in a folder of its own in
 * the pool's state. Throws `configuration` for a store that cannot be, or that lies in the staging directory.
 */
export async function dayArchives(place: ArchivesPlace, run: ArchivesRun): Promise<DayArchives> {
  const { target, root } = place;
  const { files, clock, stateDir, signal } = run;
  const parent = `${stateDir}/archives`;
  const { store, examination } = await openStore(
    daysConfiguration(place, new Map()),
    root,
    { path: parent },
    { files },
  );
  if (examination.folder !== undefined && isWithin(examination.folder, root)) {
    throw new StowageError(
      'configuration',
      `the store '${target}' lies inside the staging directory '${displayName(root)}'`,
      {
        hint: 'choose a directory outside of it',
      },
    );
  }
  const { location } = store;
  const state = { path: `${parent}/${nameFor(location, root)}` };
  const given = signal === undefined ? {} : { signal };
  const project = (days: ReadonlyMap<string, DayNames | undefined>): Project =>
    projectOf({ configuration: daysConfiguration(place, days), store, state, warnings: [] }, { files, clock });

  return {
    location,
    async look() {
      await store.stat(storeKey('.stowage/none'), given);
    },
    async *keep(staged, action) {
      const { day } = staged;
      const here = project(new Map([[day, await namesOfDay(staged)]]));
      const digests = new Map(
        [...staged.members.values()].flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [[path, sha256]])),
      );
      let failed: unknown;
      for await (const event of archive(here, day, { ...given, jobs, policy, digests })) {
        if (event.kind === 'failed' && failed === undefined) {
          // It is thrown when the others are done.
          failed = event.error;
          continue;
        }
        const one = told(event, action, day);
        if (one !== undefined) yield one;
      }
      if (failed !== undefined) throw damagedSince(staged, failed);
      return heldOf(here, day);
    },
    content: (day, path) => fetchFile(project(new Map([[day, undefined]])), day, path, run),
    async *verify(days, level) {
      const wanted = project(new Map(days.map((day) => [day, undefined])));
      // To read what sleeps on tape takes hours: that must be asked for.
      const closest = store.planRecall === undefined ? 'read' : store.digest === undefined ? 'size' : 'digest';
      for (const day of days) {
        for await (const event of verify(wanted, { section: day, level: level ?? closest, ...given })) {
          const one = told(event, 'verify', day);
          if (one !== undefined) yield one;
        }
      }
    },
  };
}

const jobs = 2;
/** A peer's day is one archive, however large it is; and none ever gets smaller. */
const policy = { sizeLimit: Number.MAX_SAFE_INTEGER, allowShrink: false };

/** That a staged file is another one says more than that an archive could not be made of it. */
function damagedSince({ folder }: DayToKeep, error: unknown): unknown {
  if (!isStowageError(error, 'corrupt') || typeof error.facts.file !== 'string') return error;
  const path = displayName(`${folder}/${error.facts.file}`);
  return new StowageError('corrupt', `'${path}' is not what was staged: it was damaged since`, {
    hint: 'move it aside, and stage that day again if it is today; or store the rest without it',
    cause: error,
  });
}

/** Records are about one store and one tree. */
function nameFor(location: string, root: string): string {
  return createHash('sha256').update(`${location}\n${root}`).digest('hex').slice(0, 16);
}

/** What the store holds of a day, by path: each from the archive that was recorded last, where that is still there as it was recorded. */
async function heldOf(project: Project, day: string): Promise<ReadonlyMap<string, Member>> {
  const catalog = await openCatalog(project.state, day, identityOf(project));
  const held = new Map<string, Member>();
  const records = [...catalog.archives.values()].sort((one, other) => (one.recordedAt < other.recordedAt ? -1 : 1));
  for (const record of records) {
    const object = await project.store.stat(record.head.key);
    if (object === undefined || !isSameObject(record, object) || record.damage !== undefined) continue;
    const { members } = await catalog.manifestOf(record);
    const digests = new Map(members.map(({ path, sha256 }) => [path, sha256]));
    for (const member of members) {
      if (member.type === 'directory') continue;
      const sha256 = member.sha256 ?? (member.hardLink === undefined ? undefined : digests.get(member.hardLink));
      held.set(member.path, sha256 === undefined ? member : { ...member, sha256 });
    }
  }
  return held;
}
