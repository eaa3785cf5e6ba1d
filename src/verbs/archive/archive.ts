import { lockPath } from '../../catalog/state-folder.ts';
import { makeFolder } from '../../durable/folder.ts';
import { acquireLock } from '../../durable/lock.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { parentOf } from '../../model/relative-path.ts';
import { type PackThreads, packThreads } from '../../pack/pack-threads.ts';
import { severityOf } from '../../plan/finding.ts';
import type { ArchivePlan, Policy } from '../../plan/plan-archive.ts';
import { crew } from '../../threads/crew.ts';
import type { Event } from '../events.ts';
import { doubts, surveyEvents } from '../missing.ts';
import { type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import { type RunJournal, runJournal, unwritableState } from '../run-journal.ts';
import { type Survey, survey } from '../survey/survey.ts';
import { workOf } from './archive-work.ts';
import { copyJournals } from './copy-journals.ts';
import { heal } from './heal.ts';
import { makeArchive, worthThreads } from './make-archive.ts';
import { recordAdopted } from './record-adopted.ts';

export interface ArchiveOptions extends VerbOptions {
  readonly policy: Policy;
  /** Tells exactly what would be done, and does nothing. */
  readonly dryRun?: boolean;
}

/**
 * Makes every archive that is due in a section, one after the other, under the section's lock. Resumes what a killed run left.
 * An archive that fails is told and the others go on; a full store ends the run. Throws `interrupted` after `stop` or `signal`.
 */
export async function* archive(project: Project, section: string, options: ArchiveOptions): AsyncGenerator<Event> {
  yield* doubts(project);
  if (options.dryRun) {
    yield* surveyEvents(await survey(project, section, options.policy, options));
    return;
  }
  sectionOf(project, section);
  const lock = await takeLock(project, section);
  const journal = runJournal(project, section, 'archive');
  const hands = crew(1);
  try {
    const catalog = yield* heal(project, section, journal);
    const threads = packThreads(hands);
    const progress: VerbOptions['progress'] = (one) => {
      // What will be read by threads is still being found: they can start meanwhile.
      if (one.items >= worthThreads) threads.warm();
      options.progress?.(one);
    };
    const done = await survey(project, section, options.policy, { ...options, progress, catalog });
    requireWholeRecord(project, done);
    yield* surveyEvents(done, { withDue: false });
    await recordAdopted(project, done.adopted, journal);
    const ended = yield* makeAll(project, done, journal, threads, options);
    await journal.end();
    // Into a full store nothing more goes: the next run copies the journal.
    if (ended !== 'full') await copyJournals(project, done.catalog, journal.begun()?.run, options);
    if (ended === 'stopped') throw interrupted();
  } finally {
    try {
      await hands.close();
      await journal.close();
    } finally {
      await lock.release();
    }
  }
}

async function takeLock(project: Project, section: string) {
  const path = lockPath(project.state, section);
  try {
    await makeFolder(project.files, parentOf(path));
    return await acquireLock(project.files, path, { command: `archive ${section}`, clock: project.clock });
  } catch (error) {
    throw unwritableState(project, error);
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

type Ended = 'done' | 'stopped' | 'full';

/** Makes what is due, in the order of the names. An archive that fails is told and the next one tried; a full store or a journal that cannot be written ends it. */
async function* makeAll(
  project: Project,
  done: Survey,
  journal: RunJournal,
  threads: PackThreads,
  options: ArchiveOptions,
): AsyncGenerator<Event, Ended> {
  const { section, scannedAt, roots } = done;
  const due = done.plans.filter((plan) => plan.decision === 'make');
  const totals = { archives: 0, members: 0, contentBytes: 0, failed: 0 };
  const progress = progressOver(due, options);
  let ended: Ended = 'done';
  let tried = 0;
  for (const plan of due) {
    if (options.stop?.aborted || options.signal?.aborted) ended = 'stopped';
    if (ended !== 'done') break;
    tried += 1;
    try {
      const load = async () => workOf(plan, done.emptyDirectories.get(plan.key) ?? []);
      const made = await makeArchive(project, plan, load, await journal.open(), {
        ...signalOf(options),
        allowShrink: options.policy.allowShrink,
        scannedAt,
        roots,
        threads,
        progress: progress.within,
      });
      for (const finding of made.findings) yield { kind: 'finding', section, severity: severityOf(finding), finding };
      if (made.stored !== undefined) {
        totals.archives += 1;
        totals.members += made.stored.members;
        totals.contentBytes += made.stored.contentBytes;
        yield { kind: 'stored', section, stored: made.stored };
      }
    } catch (error) {
      if (options.signal?.aborted) throw interrupted(error);
      if (!isStowageError(error) || error.facts.journal === true) throw error;
      totals.failed += 1;
      yield failure(section, plan, error);
      if (error.code === 'full') ended = 'full';
    }
    progress.finished(plan);
  }
  const left = due.slice(tried);
  if (left.length > 0) {
    const bytes = left.reduce((sum, plan) => sum + plan.bytes, 0);
    yield { kind: 'remaining', section, archives: left.length, bytes };
  }
  yield { kind: 'archived', section, totals };
  return ended;
}

/** That a gone member cannot be carried over is a finding about the archive; anything else is a failure. */
function failure(section: string, plan: ArchivePlan, error: unknown): Event {
  if (plan.carried.length > 0 && isStowageError(error, 'corrupt', 'missing') && typeof error.facts.path === 'string') {
    const why = { kind: 'old-unreadable', reason: error.message, gone: plan.carried.length } as const;
    return { kind: 'finding', section, severity: 'problem', finding: { kind: 'withheld', archive: plan.key, why } };
  }
  return { kind: 'failed', what: plan.key, error };
}

function interrupted(cause?: unknown): StowageError {
  return new StowageError('interrupted', 'stopped before all was archived', {
    hint: 'run the same command again: it goes on where this run stopped',
    ...(cause === undefined ? {} : { cause }),
  });
}

function progressOver(due: readonly ArchivePlan[], options: ArchiveOptions) {
  const totalItems = due.reduce((sum, plan) => sum + plan.entries.length + plan.carried.length, 0);
  const totalBytes = due.reduce((sum, plan) => sum + plan.bytes, 0);
  let items = 0;
  let bytes = 0;
  const tell = (moreBytes: number, moreItems: number) =>
    options.progress?.({
      stage: 'archive',
      items: items + moreItems,
      bytes: bytes + moreBytes,
      totalItems,
      totalBytes,
    });
  return {
    within: tell,
    finished(plan: ArchivePlan) {
      items += plan.entries.length + plan.carried.length;
      bytes += plan.bytes;
      tell(0, 0);
    },
  };
}
