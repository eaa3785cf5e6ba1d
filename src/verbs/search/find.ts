import type { MemberQuery, MemberStore, Range } from '../../catalog/member-query.ts';
import { openMembers } from '../../catalog/open-members.ts';
import { recordedSections } from '../../catalog/state-folder.ts';
import { StowageError } from '../../errors.ts';
import type { Event } from '../events.ts';
import { identityOf, keyPrefix, type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import { globPattern } from './glob.ts';
import { namePattern, regexName } from './name-pattern.ts';

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
 * Every recorded member that fits, sorted by section and path, from the record alone. Without any condition it throws `usage`. A large record is
 * searched by an index, which is made when it is first needed.
 */
export async function* find(project: Project, options: FindOptions): AsyncGenerator<Event> {
  const { pattern, regex, bytes, mtimeNs, archive, limit } = options;
  if (pattern === undefined && bytes === undefined && mtimeNs === undefined && archive === undefined) {
    throw new StowageError('usage', 'nothing says what to find', {
      hint: 'give a pattern, or one of --size, --newer, --older, --archive',
    });
  }
  const name = pattern === undefined ? undefined : regex ? regexName(pattern) : namePattern(pattern);
  const archives = archive === undefined ? undefined : archiveGlob(archive);
  const recorded = await recordedSections(project.state);
  const wanted = options.section === undefined ? recorded : [sectionOf(project, options.section).name];
  let left = limit ?? Number.POSITIVE_INFINITY;
  for (const section of wanted) {
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
    const members = await sectionMembers(project, section, options);
    try {
      for await (const found of members.members(query)) {
        left -= 1;
        yield { kind: 'found', found: { section, ...found } };
      }
    } finally {
      await members.close();
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
