import { dirname, resolve } from 'node:path';
import { recordedSections } from '../../catalog/state-folder.ts';
import { isStowageError } from '../../errors.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { Event } from '../events.ts';
import { type Project, sectionOf } from '../project.ts';
import type { RecordOwner } from './search-event.ts';

/** One section of one record, and the configuration by which it is asked. */
export interface RecordPart {
  readonly project: Project;
  readonly section: string;
  /** False for a section that the configuration has no longer, or never had. */
  readonly configured: boolean;
}

/** All that is to be asked. */
export interface RecordParts {
  readonly parts: readonly RecordPart[];
  /** What is to be told before: of configurations that nothing is recorded for, or that could not be asked. */
  readonly events: readonly Event[];
  /** More than one configuration is asked: each answer says whose it is. */
  readonly several: boolean;
}

/** One configuration, or several that are asked together. */
export type Projects = Project | readonly Project[];

/**
 * What is to be asked, each record once: in the order of the configurations, then sorted by section. Without a section that is all that they have and all that their state folders have recorded;
 * `unrecorded`: also sections of which nothing is recorded; each answers for itself then. A section that another of the configurations has is asked by that one. With a section those of them that have it are asked; throws `configuration` if none does.
 */
export async function recordParts(
  asked: Projects,
  options: { readonly section?: string | undefined; readonly unrecorded?: boolean },
): Promise<RecordParts> {
  const projects = [asked].flat();
  const { section: wanted, unrecorded = false } = options;
  const having = wanted === undefined ? projects : projects.filter((one) => one.configuration.sections.has(wanted));
  if (wanted !== undefined && having.length === 0 && projects[0] !== undefined) sectionOf(projects[0], wanted);
  const given = new Set<string>();
  const parts: RecordPart[] = [];
  const events: Event[] = [];
  for (const project of having) {
    const { configuration, state, store } = project;
    let recorded: readonly string[];
    try {
      recorded = await recordedSections(state);
    } catch (error) {
      if (projects.length === 1 || !canGoOn(error)) throw error;
      events.push({ kind: 'failed', what: configuration.name, error });
      continue;
    }
    const configured = [...configuration.sections.keys()];
    const isAsked = (one: string) => (wanted === undefined ? configuration.sections.has(one) : one === wanted);
    const sections = wanted !== undefined ? [wanted] : unrecorded ? [...configured, ...recorded] : recorded;
    const answers = unrecorded ? sections.length > 0 : recorded.some(isAsked);
    if (!answers) events.push({ kind: 'no-record', owner: ownerOf(project), state: state.path });
    for (const section of sections) {
      const isConfigured = configuration.sections.has(section);
      const hasIt = (other: Project) => other.state.path === state.path && other.configuration.sections.has(section);
      const key = JSON.stringify([state.path, section, configuration.root, store.location]);
      if (given.has(key) || (!isConfigured && projects.some(hasIt))) continue;
      given.add(key);
      parts.push({ project, section, configured: isConfigured });
    }
  }
  return { parts, events, several: projects.length > 1 };
}

/** What is told where a part could not answer: others still can. Throws what is no part's own fault, and the fault of the only one. */
export function unanswered(
  { parts, several }: RecordParts,
  { project, section, configured }: RecordPart,
  error: unknown,
): Event {
  const configuration = project.configuration.name;
  // A section that is not in the configuration is not what was asked for if its record is about something else.
  if (!configured && isStowageError(error, 'mismatch')) {
    const { root, store } = error.facts as { readonly root: string; readonly store: string };
    return { kind: 'other-record', configuration, section, root, store };
  }
  if ((parts.length === 1 && !several) || !canGoOn(error)) throw error;
  return { kind: 'failed', what: `${configuration}: ${section}`, error };
}

/** Whose record it is. */
export function ownerOf({ configuration: { name }, store, state, pool }: Project): RecordOwner {
  if (pool !== undefined) return { configuration: name, store: store.location, ...pool, pool: true };
  const isBeside = state.path === joinPath(resolve(dirname(name)), '.stowage');
  return { configuration: name, store: store.location, ...(isBeside ? {} : { state: state.path }) };
}

function canGoOn(error: unknown): boolean {
  return isStowageError(error) && !isStowageError(error, 'usage', 'interrupted', 'bug');
}
