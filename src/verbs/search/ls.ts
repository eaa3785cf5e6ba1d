import type { FoundMember, MemberStore } from '../../catalog/member-query.ts';
import { runsOf } from '../../catalog/state-folder.ts';
import { StowageError } from '../../errors.ts';
import { compareNames, displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { printableWord } from '../../model/printable-word.ts';
import { baseOf, joinPath, parentOf } from '../../model/relative-path.ts';
import { nearestWord } from '../../rules/suggestion.ts';
import type { Event } from '../events.ts';
import { type Project, sectionOf, type VerbOptions } from '../project.ts';
import { originalPlaces } from '../restore/original-places.ts';
import { wantedPaths } from '../restore/wanted-paths.ts';
import { sectionMembers } from './find.ts';
import { usageBelow } from './folder-sums.ts';
import { nothingRecorded } from './nothing-recorded.ts';
import type { DirectoryUsage, ListedEntry } from './search-event.ts';

export interface ListOptions extends VerbOptions {
  /** Relative to the section, or absolute below one of its roots; absent: the section. */
  readonly path?: string;
  readonly recursive?: boolean;
  /** To be shown with everything that is known. */
  readonly long?: boolean;
}

/**
 * What was archived of one directory, sorted by name: directories with what lies below them, members with their archive; or one file; or with `recursive` every
 * member below. A name that several archives hold comes once for each. Throws `missing` if nothing is archived there.
 */
export async function* ls(project: Project, name: string, options: ListOptions): AsyncGenerator<Event> {
  const section = sectionOf(project, name).name;
  const path = archivedPath(project, section, options.path);
  const members = await sectionMembers(project, section, options);
  const long = options.long ?? false;
  try {
    let told = false;
    for await (const entry of options.recursive === true ? below(members, path) : inDirectory(members, path)) {
      told = true;
      yield { kind: 'entry', section, entry, long };
    }
    if (told) return;
    for await (const found of members.members({ below: parentOf(path), direct: true, fits: (one) => one === path })) {
      told = true;
      yield { kind: 'entry', section, entry: memberEntry(found, found.member.path), long };
    }
    if (!told) throw await nothingArchived(project, members, section, path);
  } finally {
    await members.close();
  }
}

/** What the user named, relative to the section. */
export function archivedPath(project: Project, section: string, path: string | undefined): string {
  if (path === undefined) return '';
  return wantedPaths([path], originalPlaces(project, section).roots)[0]!;
}

/** That nothing is archived at a path, with the name that was probably meant; or that nothing at all is recorded. */
export async function nothingArchived(
  project: Project,
  members: MemberStore,
  section: string,
  path: string,
): Promise<StowageError> {
  if ((await runsOf(project.state, section)).length === 0) return nothingRecorded(project.state.path, section);
  const where =
    path === '' ? `section '${displayName(section)}'` : `'${displayName(path)}' of section '${displayName(section)}'`;
  const near = path === '' ? undefined : await nearestArchived(members, path);
  return new StowageError('missing', `nothing is archived of ${where}`, {
    hint:
      near === undefined
        ? `stowage ls CONFIG ${printableWord(section)} shows what is`
        : `did you mean '${displayName(near)}'?`,
  });
}

async function nearestArchived(members: MemberStore, path: string): Promise<string | undefined> {
  const parent = parentOf(path);
  const names: string[] = [];
  for await (const { name } of inDirectory(members, parent)) names.push(name);
  const near = nearestWord(baseOf(path), names);
  return near === undefined ? undefined : joinPath(parent, near);
}

async function* below(members: MemberStore, path: string): AsyncGenerator<ListedEntry> {
  for await (const found of members.members({ below: path })) {
    yield memberEntry(found, path === '' ? found.member.path : found.member.path.slice(path.length + 1));
  }
}

/** Directories and members between each other, in the order of their names. */
async function* inDirectory(members: MemberStore, path: string): AsyncGenerator<ListedEntry> {
  const usage = (await usageBelow(members.folders(), path, 1)) ?? [];
  const carried = new Map<string, Member>();
  const listed: ListedEntry[] = [];
  for await (const found of members.members({ below: path, direct: true, directories: true })) {
    const { member } = found;
    if (member.type !== 'directory') listed.push(memberEntry(found, baseOf(member.path)));
    // Several archives may carry it: the youngest time is what it was last seen with.
    else if (member.mtimeNs > (carried.get(member.path)?.mtimeNs ?? -(10n ** 30n))) carried.set(member.path, member);
  }
  const sums = new Map(usage.filter((one) => one.path !== path).map((one) => [one.path, one]));
  const empty = [...carried.keys()].filter((one) => !sums.has(one));
  for (const one of empty) sums.set(one, { path: one, files: 0, bytes: 0 });
  for (const sum of sums.values()) listed.push(directoryEntry(sum, carried.get(sum.path)));
  yield* listed.sort((a, b) => compareNames(a.name, b.name));
}

function directoryEntry(usage: DirectoryUsage, member: Member | undefined): ListedEntry {
  return { kind: 'directory', name: baseOf(usage.path), ...usage, ...(member === undefined ? {} : { member }) };
}

function memberEntry({ archive, member, since }: FoundMember, name: string): ListedEntry {
  return { kind: 'member', name, archive, member, since };
}
