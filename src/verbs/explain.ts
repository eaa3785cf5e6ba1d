import { plainReason, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { isWithin, joinPath } from '../model/relative-path.ts';
import type { Configuration } from '../rules/configuration.ts';
import { diskSections } from '../rules/disk-substitution.ts';
import { explainPath, type PathExplanation } from '../rules/explain-path.ts';
import { type Section, topKey } from '../rules/section.ts';
import { sectionOf } from '../rules/section-rules.ts';
import type { Event } from './events.ts';
import type { RecordedIn } from './explained-path.ts';
import { lookAtPath } from './look-at-path.ts';
import { keyPrefix, type Project, type VerbOptions } from './project.ts';
import { sectionMembers } from './search/find.ts';
import { boundedFates } from './survey/bounded-fates.ts';
import { within } from './survey/time-limit.ts';

/** What a path is explained from. */
export interface Explainable {
  readonly configuration: Configuration;
  /** The record and its store, or why they cannot be had: the rules are explained all the same. */
  readonly project: Project | StowageError;
}

/**
 * The fate of each path and how it comes about: every rule tried, the name step by step, what is on disk, what is recorded. A path is relative
 * to the section, or absolute below one of its places on the disks. Looks at disk and record only; neither needs to be there.
 */
export async function* explain(
  { configuration, project }: Explainable,
  name: string,
  paths: readonly string[],
  options: VerbOptions,
): AsyncGenerator<Event> {
  const section = sectionOf(configuration, name);
  const own = joinPath(configuration.root, name);
  const onDisks = diskSections(configuration.root, configuration.physicalDisks, name).map((one) => one.sectionRoot);
  const places = [...new Set([...onDisks, own])];
  const relative = paths.map((path) => relativePath(path, places));
  const record = await recordedIn(project, name, new Set(relative), options);
  for (const path of relative) {
    const explanation = within(explainMilliseconds, () => explainPath(section, path)) ?? inVain(section, path);
    const { fate } = explanation;
    const archive = fate.kind === 'archived' ? fate.archive : undefined;
    const explained = {
      section: name,
      explanation,
      ...(archive === undefined ? {} : { archive: `${keyPrefix(name)}${archive}` }),
      disk: await lookAtPath(path, places, archive),
      recorded: record.found.get(path) ?? [],
      ...(record.problem === undefined ? {} : { recordProblem: record.problem }),
    };
    yield { kind: 'explained', explained };
  }
}

const explainMilliseconds = 3000;

/** Where a pattern runs out of time there are no trials to show, but there is a fate, with the rule. */
function inVain(section: Section, path: string): PathExplanation {
  const [fate] = boundedFates(section).fatesOf([path]);
  const directory = path.includes('/') ? path.slice(0, path.indexOf('/')) : topKey;
  return { path, fate: fate!, directory, excluded: false, trials: [] };
}

/** As rules see it: relative to the section, without a slash at the end. */
function relativePath(path: string, places: readonly string[]): string {
  const plain = path.replace(/(?<=.)\/+$/, '').replace(/^(?:\.\/+)+/, '');
  if (!plain.startsWith('/')) return plain;
  const place = places.find((one) => isWithin(plain, one) && plain !== one);
  if (place !== undefined) return plain.slice(place.length + 1);
  throw new StowageError('usage', `'${displayName(path)}' does not lie in the section`, {
    hint: `give it relative to the section, or below ${places.map((one) => `'${displayName(one)}'`).join(' or ')}`,
  });
}

async function recordedIn(
  project: Project | StowageError,
  section: string,
  wanted: ReadonlySet<string>,
  options: VerbOptions,
): Promise<{ readonly found: ReadonlyMap<string, readonly RecordedIn[]>; readonly problem?: string }> {
  if (project instanceof StowageError) return { found: new Map(), problem: project.message };
  try {
    const found = new Map<string, RecordedIn[]>();
    const members = await sectionMembers(project, section, { ...options, evenIfFull: true });
    try {
      const query = { holdsOneOf: [...wanted], fits: (path: string) => wanted.has(path), directories: true };
      for await (const { archive, member, since } of members.members(query)) {
        const { path, type, bytes } = member;
        found.set(path, [...(found.get(path) ?? []), { archive, since, type, bytes }]);
      }
    } finally {
      await members.close();
    }
    return { found };
  } catch (error) {
    return { found: new Map(), problem: plainReason(error) };
  }
}
