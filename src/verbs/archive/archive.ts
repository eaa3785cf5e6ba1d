import { lockPath } from '../../catalog/state-folder.ts';
import { makeFolder } from '../../durable/folder.ts';
import { acquireLock } from '../../durable/lock.ts';
import { fileError, isStowageError, StowageError } from '../../errors.ts';
import { parentOf } from '../../model/relative-path.ts';
import { severityOf } from '../../plan/finding.ts';
import type { ArchivePlan, Policy } from '../../plan/plan-archive.ts';
import type { Event } from '../events.ts';
import { surveyEvents } from '../missing.ts';
import { type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import { type RunJournal, runJournal } from '../run-journal.ts';
import { type Survey, survey } from '../survey/survey.ts';
import { copyJournals } from './copy-journals.ts';
import { heal } from './heal.ts';
import { makeArchive } from './make-archive.ts';
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
  if (options.dryRun) {
    yield* surveyEvents(await survey(project, section, options.policy, options));
    return;
  }
  sectionOf(project, section);
  const lock = await takeLock(project, section);
  const journal = runJournal(project, section, 'archive');
  try {
    yield* heal(project, section, journal);
    const done = await survey(project, section, options.policy, options);
    yield* surveyEvents(done);
    await recordAdopted(project, done.adopted, journal);
    const stopped = yield* makeAll(project, done, journal, options);
    await journal.end();
    await copyJournals(project, section, options);
    if (stopped) throw interrupted();
  } finally {
    try {
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
  } catch (error) {
    throw fileError(
      `cannot write to the state folder '${project.state.path}'`,
      error,
      'choose another place for it with --state DIR',
    );
  }
  return acquireLock(project.files, path, { command: `archive ${section}`, clock: project.clock });
}

/** True if it was stopped before all was made. */
async function* makeAll(
  project: Project,
  done: Survey,
  journal: RunJournal,
  options: ArchiveOptions,
): AsyncGenerator<Event, boolean> {
  const due = done.plans.filter((plan) => plan.decision === 'make');
  const totals = { archives: 0, members: 0, contentBytes: 0, failed: 0 };
  const progress = progressOver(due, options);
  let remaining = [...due];
  for (const plan of due) {
    if (options.stop?.aborted || options.signal?.aborted) break;
    // A journal that failed once takes nothing more: whatever came now would be written in full and could not be recorded.
    await journal.begun()?.commit();
    const directories = done.listing.directories;
    const emptyDirectories = done.emptyDirectories.get(plan.key) ?? [];
    const { allowShrink } = options.policy;
    try {
      const made = await makeArchive(project, plan, await journal.open(), {
        ...signalOf(options),
        allowShrink,
        directories,
        emptyDirectories,
        progress: progress.within,
      });
      for (const finding of made.findings)
        yield { kind: 'finding', section: done.section, severity: severityOf(finding), finding };
      if (made.stored !== undefined) {
        totals.archives += 1;
        totals.members += made.stored.members;
        totals.contentBytes += made.stored.contentBytes;
        yield { kind: 'stored', section: done.section, stored: made.stored };
      }
    } catch (error) {
      if (options.signal?.aborted) throw interrupted(error);
      totals.failed += 1;
      yield failure(done.section, plan, error);
      if (isStowageError(error, 'full')) throw error;
      if (!isStowageError(error)) throw error;
    }
    remaining = remaining.filter((one) => one !== plan);
    progress.finished(plan);
  }
  if (remaining.length > 0) {
    const bytes = remaining.reduce((sum, plan) => sum + plan.bytes, 0);
    yield { kind: 'remaining', section: done.section, archives: remaining.length, bytes };
  }
  yield { kind: 'archived', section: done.section, totals };
  return remaining.length > 0;
}

/** That a gone member cannot be carried over is a finding about the archive; anything else is a failure. */
function failure(section: string, plan: ArchivePlan, error: unknown): Event {
  if (plan.carried.length > 0 && isStowageError(error, 'corrupt', 'missing') && typeof error.facts.path === 'string') {
    const why = { kind: 'old-unreadable', reason: error.message, gone: plan.carried.length } as const;
    return { kind: 'finding', section, severity: 'problem', finding: { kind: 'withheld', archive: plan.key, why } };
  }
  return { kind: 'failed', archive: plan.key, error };
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
