import type { MemberQuery, MemberStore, Range } from '../../catalog/member-query.ts';
import { openMembers } from '../../catalog/open-members.ts';
import { StowageError } from '../../errors.ts';
import type { Event } from '../events.ts';
import { identityOf, keyPrefix, type Project, signalOf, type VerbOptions } from '../project.ts';
import { globPattern } from './glob.ts';
import { namePattern, regexName } from './name-pattern.ts';
import { ownerOf, type Projects, recordParts, unanswered } from './record-parts.ts';

export interface FindOptions extends VerbOptions {
  readonly section?: string;
  readonly pattern?: string;
  /** The pattern is one of Python's `re`. */
  readonly regex?: boolean;
  readonly bytes?: Range<number>;
  readonly mtimeNs?: Range<bigint>;
  /** A glob over the name of the archive, or over its key. */
  readonly archive?: string;
  readonly limit?: number;
}

/**
 * Every recorded member that fits, from the record alone: in the order of the configurations, sorted by section and path. Without any condition it throws `usage`. A large record is
 * searched by an index, which is made when it is first needed. A record that cannot be read is told as `failed`, and the others are searched; the only one's error is thrown.
 */
export async function* find(projects: Projects, options: FindOptions): AsyncGenerator<Event> {
  const { pattern, regex, bytes, mtimeNs, archive, limit } = options;
  if (pattern === undefined && bytes === undefined && mtimeNs === undefined && archive === undefined) {
    throw new StowageError('usage', 'nothing says what to find', {
      hint: 'give a pattern, or one of --size, --newer, --older, --archive',
    });
  }
  const name = pattern === undefined ? undefined : regex ? regexName(pattern) : namePattern(pattern);
  const archives = archive === undefined ? undefined : archiveGlob(archive);
  const asked = await recordParts(projects, { section: options.section });
  yield* asked.events;
  let left = limit ?? Number.POSITIVE_INFINITY;
  for (const part of asked.parts) {
    const { project, section, configured } = part;
    const orphan = configured ? {} : { unconfigured: true as const };
    if (left <= 0) return;
    const texts = name?.holdsOneOf(section);
    const query: MemberQuery = {
      ...(name === undefined ? {} : { fits: (path: string) => name.fits(section, path) }),
      ...(texts === undefined ? {} : { holdsOneOf: texts }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(mtimeNs === undefined ? {} : { mtimeNs }),
      ...(archives === undefined ? {} : { archives: (key: string) => archives(section, key) }),
      ...(limit === undefined ? {} : { limit: left }),
    };
    try {
      const members = await sectionMembers(project, section, options);
      try {
        for await (const found of members.members(query)) {
          left -= 1;
          yield { kind: 'found', found: { ...ownerOf(project), ...orphan, section, ...found }, several: asked.several };
        }
      } finally {
        await members.close();
      }
    } catch (error) {
      yield unanswered(asked, part, error);
    }
  }
}

/** The members of a section, to be searched; progress is that of the index that may have to be made, `indexed` of however few. `evenIfFull`: also where there is no room for one. */
export function sectionMembers(
  project: Project,
  section: string,
  options: VerbOptions & { readonly indexed?: boolean; readonly evenIfFull?: boolean },
): Promise<MemberStore> {
  return openMembers(project.state, section, identityOf(project), {
    files: project.files,
    ...signalOf(options),
    ...(options.indexed ? { indexFrom: 0 } : {}),
    ...(options.evenIfFull ? { evenIfFull: true } : {}),
    progress: (items, totalItems) => options.progress?.({ stage: 'index', items, bytes: 0, totalItems }),
  });
}

function archiveGlob(pattern: string): (section: string, key: string) => boolean {
  const glob = globPattern(pattern);
  return (section, key) => glob.test(key) || glob.test(key.slice(keyPrefix(section).length));
}
