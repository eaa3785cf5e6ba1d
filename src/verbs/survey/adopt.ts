import { isStowageError } from '../../errors.ts';
import type { Entry } from '../../model/entry.ts';
import type { Manifest, Member } from '../../model/manifest.ts';
import { joinPath, parentOf, unsafePath } from '../../model/relative-path.ts';
import { isTarName } from '../../plan/archive-row.ts';
import type { Finding } from '../../plan/finding.ts';
import type { Source, StoredObject } from '../../store/store.ts';

/** What an object of unknown origin turned out to hold. */
export interface Adoption {
  /** Absent if the object does not say, or cannot be read. */
  readonly manifest?: Manifest;
  readonly unreadable?: string;
  readonly findings: readonly Finding[];
}

export interface AdoptOptions {
  readonly signal?: AbortSignal;
  /** The archive that the rules give to a path; undefined if they give none. */
  readonly archiveOf: (path: string) => string | undefined;
  /** What the rules map to this object from the disk. */
  readonly entries: readonly Entry[];
}

/**
 * A manifest for an object that no record explains, from the object's own index: a tar tells its members, a plain object is the
 * one file that the rules map to it. Names may be relative to the section or to the folder of the archive's name, as HPSSPy
 * makes them; what fits the rules better is taken. A damaged object is an answer, a store that fails throws.
 */
export async function adopt(
  source: Source,
  object: StoredObject,
  name: string,
  options: AdoptOptions,
): Promise<Adoption> {
  if (!isTarName(name)) return adoptPlain(object, options.entries);
  if (source.index === undefined) return { unreadable: 'the store keeps no index of it', findings: [] };
  const members: Member[] = [];
  const findings: Finding[] = [];
  try {
    const call = options.signal === undefined ? {} : { signal: options.signal };
    for await (const item of source.index(object.key, call)) {
      if (item.kind === 'foreign')
        findings.push({ kind: 'foreign', archive: object.key, path: item.path, what: item.what });
      else members.push(item.member);
    }
  } catch (error) {
    if (isStowageError(error, 'corrupt')) return { unreadable: error.message, findings };
    throw error;
  }
  const base = baseOf(name, members, options.archiveOf);
  const safe: Member[] = [];
  for (const member of members) {
    const problem =
      unsafePath(member.path) ?? (member.hardLink === undefined ? undefined : unsafePath(member.hardLink));
    if (problem === undefined) safe.push(moved(member, base));
    else
      findings.push({
        kind: 'foreign',
        archive: object.key,
        path: member.path,
        what: `a name that is not safe: ${problem}`,
      });
  }
  return { manifest: adopted(object, 'tar', base, lastOfEach(safe)), findings };
}

function adoptPlain(object: StoredObject, entries: readonly Entry[]): Adoption {
  const entry = entries[0];
  if (entry === undefined || entries.length > 1) return { unreadable: 'nothing says which file it is', findings: [] };
  const { path, mode, uid, gid } = entry;
  const mtimeNs = object.modifiedNs ?? 0n;
  const member: Member = { path, type: 'file', bytes: object.bytes, mtimeNs, mode, uid, gid, offset: 0 };
  return { manifest: adopted(object, 'plain', '', [member]), findings: [] };
}

function adopted(object: StoredObject, format: Manifest['format'], base: string, members: readonly Member[]): Manifest {
  const sorted = [...members].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { key: object.key, format, bytes: object.bytes, base, adopted: true, digestsFrom: 'none', members: sorted };
}

function baseOf(name: string, members: readonly Member[], archiveOf: AdoptOptions['archiveOf']): string {
  const fits = (base: string) =>
    members.filter((one) => one.type !== 'directory' && archiveOf(joinPath(base, one.path)) === name).length;
  const folder = parentOf(name);
  return folder !== '' && fits(folder) > fits('') ? folder : '';
}

function moved(member: Member, base: string): Member {
  if (base === '') return member;
  const hardLink = member.hardLink === undefined ? {} : { hardLink: joinPath(base, member.hardLink) };
  return { ...member, path: joinPath(base, member.path), ...hardLink };
}

/** A tar may hold a name twice; extracting it leaves the last. */
function lastOfEach(members: readonly Member[]): readonly Member[] {
  return [...new Map(members.map((member) => [member.path, member])).values()];
}
