import { exit, statusOfError, statusOfEvent, worse } from '../src/cli/exit.ts';
import { archive } from '../src/verbs/archive/archive.ts';
import type { Event } from '../src/verbs/events.ts';
import type { Project } from '../src/verbs/project.ts';
import { section } from './small-project.ts';

/** All that a verb had to say, and how it ended. */
export interface Told {
  readonly events: readonly Event[];
  readonly error: unknown;
  /** The exit status that the command line would give. */
  readonly status: number;
}

/** Runs a verb to its end, good or bad. */
export async function told(verb: AsyncIterable<Event>): Promise<Told> {
  const events: Event[] = [];
  let status: number = exit.ok;
  try {
    for await (const event of verb) {
      events.push(event);
      status = worse(status, statusOfEvent(event));
    }
    return { events, error: undefined, status };
  } catch (error) {
    return { events, error, status: worse(status, statusOfError(error)) };
  }
}

export const policy = { sizeLimit: 1e12, allowShrink: false };

/** `stowage archive`. */
export function archived(project: Project, options: { readonly jobs?: number } = {}): Promise<Told> {
  return told(archive(project, section, { policy, ...options }));
}

/** The keys of the archives that a run made. */
export function stored({ events }: Told): readonly string[] {
  return events.flatMap((event) => (event.kind === 'stored' ? [event.stored.archive] : []));
}

/** The errors that a run told or threw. */
export function errorsOf({ events, error }: Told): readonly unknown[] {
  const failed = events.flatMap((event) => (event.kind === 'failed' ? [event.error] : []));
  return error === undefined ? failed : [...failed, error];
}
