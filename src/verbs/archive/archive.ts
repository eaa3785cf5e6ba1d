import { lockPath } from '../../catalog/state-folder.ts';
import { makeFolder } from '../../durable/folder.ts';
import { acquireLock } from '../../durable/lock.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { parentOf } from '../../model/relative-path.ts';
import type { Policy } from '../../plan/plan-archive.ts';
import type { Event } from '../events.ts';
import type { ListingOptions } from '../listing/listing-options.ts';
import { scanCrew } from '../listing/scan-crew.ts';
import { doubts, dueEvents, surveyEvents } from '../missing.ts';
import { type Project, sectionOf } from '../project.ts';
import { runJournal, unwritableState } from '../run-journal.ts';
import { type Survey, survey } from '../survey/survey.ts';
import { workPlace } from '../survey/work-place.ts';
import { batchPacker } from './batch-packer.ts';
import { copyJournals } from './copy-journals.ts';
import { heal } from './heal.ts';
import { interrupted, makeAll } from './make-all.ts';
import { preflight } from './preflight.ts';
import { recordAdopted } from './record-adopted.ts';
import { worthThreads } from './write-tries.ts';

export interface ArchiveOptions extends ListingOptions {
  readonly policy: Policy;
  /** Tells exactly what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** How many threads and archives are at work at once; 1 if absent. */
  readonly jobs?: number;
  /** What files are known to hold, hex SHA-256 by path: an archive in which one has another digest is not published, and fails with `corrupt`. */
  readonly digests?: ReadonlyMap<string, string>;
  /** As for a survey. */
  readonly partitionLines?: number;
}

/**
 * Makes every archive that is due in a section, under the section's lock. Resumes what a killed run left.
 * An archive that fails is told and the others go on; a full store ends the run. Throws `interrupted` after `stop` or `signal`.
 */
export async function* archive(project: Project, section: string, options: ArchiveOptions): AsyncGenerator<Event> {
  yield* doubts(project);
  if (options.dryRun) {
    yield* wouldDo(project, section, options);
    return;
  }
  sectionOf(project, section);
  const lock = await takeLock(project, section);
  const journal = runJournal(project, section, 'archive');
  const jobs = options.jobs ?? 1;
  const hands = scanCrew({ jobs });
  // This thread packs as well: one more than there are processors would be in the way.
  const packer = hands.size === 1 ? undefined : batchPacker(hands.size - 1);
  const work = workPlace(project);
  try {
    const catalog = yield* heal(project, section, journal);
    let isPrepared = false;
    const progress: NonNullable<ArchiveOptions['progress']> = (now) => {
      if (now.items >= worthThreads && !isPrepared && hands.isReady()) {
        isPrepared = true;
        packer?.prepare(hands);
      }
      options.progress?.(now);
    };
    const done = await survey(project, section, options.policy, { ...options, progress, crew: hands, catalog });
    // The threads that planned hold on to what they needed for it.
    if (done.inMemory && packer !== undefined) await packer.takeOver(hands);
    else await hands.close();
    try {
      requireWholeRecord(project, done);
      yield* surveyEvents(done, { withDue: false });
      await recordAdopted(project, section, done.adopted, journal);
      const cleared = yield* preflight(project, done, { ...options, isDry: false });
      const makeOptions = { ...options, packer, jobs, workFolder: work.folder, told: cleared.told };
      const ended = yield* makeAll(project, cleared.survey, journal, makeOptions);
      await journal.end();
      // Into a full store nothing more goes: the next run copies the journal.
      if (ended !== 'full') await copyJournals(project, done.catalog, journal.begun()?.run, options);
      if (ended === 'stopped') throw interrupted();
    } finally {
      await done.close();
    }
  } finally {
    try {
      await Promise.all([hands.close(), packer?.close()]);
      await work.close();
      await journal.close();
    } finally {
      await lock.release();
    }
  }
}

/** The same up to where something would be made. */
async function* wouldDo(project: Project, section: string, options: ArchiveOptions): AsyncGenerator<Event> {
  const done = await survey(project, section, options.policy, options);
  try {
    yield* surveyEvents(done, { withDue: false });
    const cleared = yield* preflight(project, done, { ...options, isDry: true });
    yield* dueEvents(cleared.survey);
  } finally {
    await done.close();
  }
}

async function takeLock(project: Project, section: string) {
  const path = lockPath(project.state, section);
  try {
    await makeFolder(project.files, parentOf(path));
    return await acquireLock(project.files, path, { command: `archive ${section}`, clock: project.clock });
  } catch (error) {
    throw unwritableState(project, 'archive', error);
  }
}

/** To make archives on half a record would be to forget the other half. */
function requireWholeRecord(project: Project, { section, unknownRuns }: Survey): void {
  const count = unknownRuns.length;
  if (count === 0) return;
  const runs = `${count} ${count === 1 ? 'run' : 'runs'} of section '${displayName(section)}'`;
  throw new StowageError(
    'mismatch',
    `the store has the record of ${runs} that the state folder '${displayName(project.state.path)}' lacks`,
    {
      hint: 'stowage rebuild-catalog CONFIG brings it; or name the right state folder with --state DIR',
      facts: { unknownRuns },
    },
  );
}
