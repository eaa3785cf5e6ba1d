import { isStowageError, StowageError } from '../../errors.ts';
import { severityOf } from '../../plan/finding.ts';
import type { Policy } from '../../plan/plan-archive.ts';
import type { Event } from '../events.ts';
import type { Project, VerbOptions } from '../project.ts';
import type { RunJournal } from '../run-journal.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { Survey } from '../survey/survey.ts';
import { archiveProgress } from './archive-progress.ts';
import type { BatchPacker } from './batch-packer.ts';
import { isFatal } from './fatal.ts';
import { makeUnit, type Outcome, type UnitOptions } from './make-unit.ts';
import { turns } from './turns.ts';
import { unitWrites, type WorkUnit, workUnits } from './work-units.ts';

export interface MakeAllOptions extends VerbOptions {
  readonly policy: Policy;
  readonly packer: BatchPacker | undefined;
  /** A folder for work files. */
  readonly workFolder: () => Promise<string>;
  /** Paths of files that were told already to be left out. */
  readonly told: ReadonlySet<string>;
  /** What files are known to hold, by path. */
  readonly digests?: ReadonlyMap<string, string>;
  /** How many archives, or parcels of small ones, are made at once. */
  readonly jobs: number;
}

/** `full`: nothing more was begun because the store has no room. `stopped`: nothing more was begun because nothing more was wanted. */
export type Ended = 'done' | 'stopped' | 'full';

/** What all archives that are made at once may take in memory; one alone may take more. */
const inFlightBytes = 256 * 1024 * 1024;

/**
 * Makes what is due, several archives at once, the biggest first; tells of them in the order of the plan, whichever is done first. An archive that
 * fails is told and the others go on. When it ends, by whatever way, nothing is under way any more.
 */
export async function* makeAll(
  project: Project,
  done: Survey,
  journal: RunJournal,
  options: MakeAllOptions,
): AsyncGenerator<Event, Ended> {
  const { section, scannedAt, roots } = done;
  const due = done.archives.filter((plan) => plan.decision === 'make');
  const progress = archiveProgress(due, options.progress);
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const unitOptions: UnitOptions = {
    signal,
    allowShrink: options.policy.allowShrink,
    scannedAt,
    roots,
    packer: options.packer,
    workFolder: options.workFolder,
    digests: options.digests,
    load: async (plan) => ({ ...(await plan.load()), emptyDirectories: done.emptyDirectories.get(plan.key) ?? [] }),
    progress: progress.within,
    writesAtOnce: options.jobs === 1 ? 1 : unitWrites,
    inTurn: turns(project.store.limits?.parallelWrites ?? Number.POSITIVE_INFINITY),
  };
  const units = workUnits(due, project.store.limits?.publishTogether);
  let begun = 0;
  const running = new Map<WorkUnit, Promise<void>>();
  const outcomes = new Map<PlannedArchive, Outcome>();
  const fatal: unknown[] = [];
  let ended: Ended = 'done';

  const make = async (unit: WorkUnit) => {
    try {
      for (const outcome of await attempt(project, unit, journal, unitOptions)) {
        // What an abort did to it says nothing about the archive.
        if (outcome.error !== undefined && signal.aborted) continue;
        outcomes.set(outcome.plan, outcome);
        if (isStowageError(outcome.error, 'full')) ended = 'full';
        progress.finished(outcome.plan);
      }
    } catch (error) {
      fatal.push(error);
      abort.abort();
    } finally {
      running.delete(unit);
    }
  };
  const mayBegin = ({ cost }: WorkUnit) => {
    if (options.stop?.aborted || signal.aborted) ended = 'stopped';
    if (ended !== 'done') return false;
    const inFlight = [...running.keys()].reduce((sum, one) => sum + one.cost, 0);
    return running.size === 0 || (running.size < options.jobs && inFlight + cost <= inFlightBytes);
  };

  const totals = { archives: 0, members: 0, contentBytes: 0, failed: 0 };
  let told = 0;
  try {
    for (;;) {
      for (; begun < units.length && mayBegin(units[begun]!); begun += 1) {
        const unit = units[begun]!;
        running.set(unit, make(unit));
      }
      for (; told < due.length && outcomes.has(due[told]!); told += 1) yield* tell(due[told]!);
      if (running.size === 0) break;
      await Promise.race(running.values());
    }
    // Where something was not made, archives behind it may be done all the same.
    for (; told < due.length; told += 1) if (outcomes.has(due[told]!)) yield* tell(due[told]!);
    if (options.signal?.aborted && outcomes.size < due.length) throw interrupted(fatal[0]);
    if (fatal.length > 0) throw fatal[0];
  } finally {
    abort.abort();
    await Promise.allSettled(running.values());
  }
  const left = units.slice(begun).flatMap((unit) => unit.plans);
  if (left.length > 0) {
    const bytes = left.reduce((sum, plan) => sum + plan.bytes, 0);
    yield { kind: 'remaining', section, archives: left.length, bytes };
  }
  yield { kind: 'archived', section, totals };
  return ended;

  function* tell(plan: PlannedArchive): Generator<Event> {
    const { findings, stored, error } = outcomes.get(plan)!;
    for (const finding of findings) {
      if (finding.kind === 'refused' && options.told.has(finding.path)) continue;
      yield { kind: 'finding', section, severity: severityOf(finding), finding };
    }
    if (stored !== undefined) {
      totals.archives += 1;
      totals.members += stored.members;
      totals.contentBytes += stored.contentBytes;
      yield { kind: 'stored', section, stored };
    }
    if (error !== undefined) {
      totals.failed += 1;
      yield failure(section, plan, error);
    }
  }
}

async function attempt(
  project: Project,
  unit: WorkUnit,
  journal: RunJournal,
  options: UnitOptions,
): Promise<readonly Outcome[]> {
  try {
    const writer = await journal.open();
    return await makeUnit(project, unit, writer, options);
  } catch (error) {
    if (isFatal(error)) throw error;
    return unit.plans.map((plan) => ({ plan, findings: [], error }));
  }
}

/** That a gone member cannot be carried over is a finding about the archive; anything else is a failure. */
function failure(section: string, plan: PlannedArchive, error: unknown): Event {
  if (plan.carried > 0 && isStowageError(error, 'corrupt', 'missing') && typeof error.facts.path === 'string') {
    const why = { kind: 'old-unreadable', reason: error.message, gone: plan.carried } as const;
    return { kind: 'finding', section, severity: 'problem', finding: { kind: 'withheld', archive: plan.key, why } };
  }
  return { kind: 'failed', what: plan.key, error };
}

/** That the run ended before all was done because it was told to. */
export function interrupted(cause?: unknown): StowageError {
  return new StowageError('interrupted', 'stopped before all was archived', {
    hint: 'run the same command again: it goes on where this run stopped',
    ...(cause === undefined ? {} : { cause }),
  });
}
