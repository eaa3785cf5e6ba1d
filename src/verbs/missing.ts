import type { Policy } from '../plan/plan-archive.ts';
import type { Event } from './events.ts';
import type { ListingOptions } from './listing/listing-options.ts';
import type { Project } from './project.ts';
import { type Survey, survey } from './survey/survey.ts';
import type { ArchiveCounts } from './survey/survey-event.ts';

/** What the store lacks, and everything else that must be told about a section. Changes nothing. Throws if disk, store or record cannot be looked at. */
export async function* missing(
  project: Project,
  section: string,
  options: ListingOptions & { readonly policy: Policy },
): AsyncGenerator<Event> {
  yield* doubts(project);
  const done = await survey(project, section, options.policy, options);
  try {
    yield* surveyEvents(done);
  } finally {
    await done.close();
  }
}

/** That the configuration has warnings: said once a run, so that nobody has to ask for them. */
export function* doubts({ configuration, warnings }: Project): Generator<Event> {
  if (warnings.length > 0) yield { kind: 'doubtful', configuration: configuration.name, warnings: warnings.length };
}

/** A survey as events: that it does not go by what is on disk now, if so; what it comes to, then findings, the worst first, then what is due (unless it is made at once). */
export function* surveyEvents(
  done: Survey,
  options: { readonly withDue: boolean } = { withDue: true },
): Generator<Event> {
  const { section, listing } = done;
  if (listing.chosen || listing.resumed) yield { kind: 'listing-used', section, listing };
  yield { kind: 'surveyed', section, counts: done.counts, archives: archiveCounts(done) };
  for (const { finding, severity } of done.findings()) yield { kind: 'finding', section, severity, finding };
  if (options.withDue) yield* dueEvents(done);
}

/** What is to be made. */
export function* dueEvents({ section, archives }: Survey): Generator<Event> {
  for (const plan of archives) if (plan.decision === 'make') yield { kind: 'due', section, plan };
}

function archiveCounts(done: Survey): ArchiveCounts {
  const due = done.archives.filter((plan) => plan.decision === 'make');
  return {
    due: due.length,
    kept: done.archives.filter((plan) => plan.decision === 'keep').length,
    withheld: done.archives.filter((plan) => plan.decision === 'withhold').length,
    dueBytes: due.reduce((sum, plan) => sum + plan.bytes, 0),
    dueMembers: due.reduce((sum, plan) => sum + plan.members + plan.carried, 0),
  };
}

export type { Policy } from '../plan/plan-archive.ts';
