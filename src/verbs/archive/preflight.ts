import { StowageError } from '../../errors.ts';
import type { Entry } from '../../model/entry.ts';
import { type Finding, severityOf } from '../../plan/finding.ts';
import type { Obstacle } from '../../store/store.ts';
import type { Event } from '../events.ts';
import { type Project, signalOf } from '../project.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { Survey } from '../survey/survey.ts';
import { lineEntry } from './line-item.ts';
import { lookAgain } from './look-again.ts';

/** What is left to be made, and what need not be told again. */
export interface Cleared {
  readonly survey: Survey;
  /** The paths of files that were told to be left out. */
  readonly told: ReadonlySet<string>;
}

/**
 * Tells all that is seen to stand in the way of making what is due, before anything is sent, where the store can say: of the store, of each archive, and of each file, which is looked at once
 * more. An archive that cannot be stored is withheld. Throws `unavailable`, when all is told, where nothing can be. `isDry` makes nothing on the store to find out.
 */
export async function* preflight(
  project: Project,
  survey: Survey,
  options: { readonly signal?: AbortSignal; readonly isDry: boolean },
): AsyncGenerator<Event, Cleared> {
  const told = new Set<string>();
  const { section } = survey;
  const due = survey.archives.filter((plan) => plan.decision === 'make');
  if (project.store.preflight === undefined || due.length === 0) return { survey, told };
  const trial = options.isDry ? {} : { trial: section };
  const obstacles = await project.store.preflight(
    due.map(({ key, bytes, replaces, packing }) => ({
      key,
      bytes,
      replaces: replaces !== undefined,
      byStore: packing?.by === 'store',
    })),
    { ...signalOf(options), ...trial },
  );
  const withheld = new Set<string>();
  for (const obstacle of obstacles) {
    yield tell(section, findingOf(obstacle));
    if (obstacle.key !== undefined) withheld.add(obstacle.key);
  }
  for (const plan of due) {
    options.signal?.throwIfAborted();
    if (withheld.has(plan.key)) continue;
    for await (const finding of filesInTheWay(plan, survey.roots)) {
      if (finding.kind === 'refused') told.add(finding.path);
      yield tell(section, finding);
    }
  }
  if (obstacles.some((one) => one.stops)) {
    throw new StowageError('unavailable', `nothing of '${section}' can be stored, and nothing was sent`, {
      hint: 'mend what is told above, then run the same command again',
    });
  }
  if (withheld.size === 0) return { survey, told };
  const archives = survey.archives.map(
    (plan): PlannedArchive => (withheld.has(plan.key) ? { ...plan, decision: 'withhold' } : plan),
  );
  return { survey: { ...survey, archives }, told };
}

function findingOf({ key, reason, advice }: Obstacle): Finding {
  if (key !== undefined) return { kind: 'withheld', archive: key, why: { kind: 'obstacle', reason } };
  return { kind: 'obstacle', reason, ...(advice === undefined ? {} : { advice }) };
}

/** What was not yet known when the plan was made: what cannot be read, has vanished, or is being written. */
async function* filesInTheWay(plan: PlannedArchive, roots: readonly string[]): AsyncGenerator<Finding> {
  const { lines } = await plan.load();
  for (const line of lines) {
    const planned = lineEntry(line, roots);
    const now = lookAgain(planned, plan, noneYet);
    if ('refused' in now) yield { kind: 'refused', path: planned.path, why: now.refused };
    else if (isOther(planned, now.entry)) yield { kind: 'changing', archive: plan.key, path: planned.path };
  }
}

const noneYet: ReadonlyMap<string, string> = new Map();

function isOther(planned: Entry, now: Entry): boolean {
  return planned.bytes !== now.bytes || planned.mtimeNs !== now.mtimeNs || planned.type !== now.type;
}

function tell(section: string, finding: Finding): Event {
  return { kind: 'finding', section, severity: severityOf(finding), finding };
}
