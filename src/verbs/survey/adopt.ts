import { isStowageError } from '../../errors.ts';
import { type Entry, unknownOwner } from '../../model/entry.ts';
import type { ForeignItem, Manifest, Member } from '../../model/manifest.ts';
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

/** The archives that the rules give to paths; undefined for a path that they give none. */
export type ArchivesOf = (paths: readonly string[]) => readonly (string | undefined)[];

export interface AdoptOptions {
  readonly signal?: AbortSignal;
  /** The archive that the rules give to a path; undefined if they give none. */
  readonly archivesOf: ArchivesOf;
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
  const base = baseOf(name, members, options.archivesOf);
  const { safe, foreign } = adoptedMembers(members, base);
  for (const one of foreign) findings.push({ kind: 'foreign', archive: object.key, ...one });
  const shift = clockShift(safe, options.entries);
  if (shift !== undefined) {
    const unreadable = `the times in its index differ from those on disk by ${shift} throughout: another zone is meant ("zone" under "hpss" in "__config__")`;
    return { unreadable, findings };
  }
  const strange = findings.flatMap((one) => (one.kind === 'foreign' ? [{ path: one.path, what: one.what }] : []));
  const manifest = adopted(object, 'tar', base, safe);
  return { manifest: strange.length === 0 ? manifest : { ...manifest, foreign: strange }, findings };
}

/** How far all times of an index that has only minutes are from those of the same files on disk, where it is as a zone would be: else the archive would be made again for that alone. */
function clockShift(members: readonly Member[], entries: readonly Entry[]): string | undefined {
  const minute = 60_000_000_000n;
  const byPath = new Map(members.map((member) => [member.path, member]));
  const shifts = entries.map((entry) => {
    const member = byPath.get(entry.path);
    const isCoarse = member?.type === 'file' && member.offset === undefined && member.uid === unknownOwner;
    return isCoarse && member.bytes === entry.bytes ? entry.mtimeNs / minute - member.mtimeNs / minute : undefined;
  });
  const [first] = shifts;
  if (first === undefined || first === 0n || first % 15n !== 0n || shifts.some((shift) => shift !== first))
    return undefined;
  return first > -900n && first < 900n ? `${Number(first) / 60} h` : undefined;
}

/** The items of an index as members of the section, sorted by path, and what cannot be one: each name once, hard links to the file itself. */
export function adoptedMembers(
  members: readonly Member[],
  base: string,
): { readonly safe: readonly Member[]; readonly foreign: readonly ForeignItem[] } {
  const foreign: ForeignItem[] = [];
  const safe: Member[] = [];
  for (const member of members) {
    const problem =
      unsafePath(member.path) ?? (member.hardLink === undefined ? undefined : unsafePath(member.hardLink));
    if (problem === undefined) safe.push(moved(member, base));
    // The root itself, as `tar -c .` puts it in, says nothing that is not known.
    else if (member.type !== 'directory' || member.path !== '')
      foreign.push({ path: member.path, what: `a name that is not safe: ${problem}` });
  }
  const last = lastOfEach(safe);
  const whole = [...last.values()].flatMap((member) => {
    const found = member.hardLink === undefined ? member : linkedTo(member, last);
    if (found !== undefined) return [found];
    foreign.push({ path: member.path, what: `a further name of '${member.hardLink}', which it does not hold` });
    return [];
  });
  return { safe: whole.sort((a, b) => (a.path < b.path ? -1 : 1)), foreign };
}

/** A further name leads to the member with the content, however many names lie between; one of a link is that link. */
function linkedTo(member: Member, all: ReadonlyMap<string, Member>): Member | undefined {
  const passed = new Set([member.path]);
  let owner = all.get(member.hardLink!);
  while (owner?.hardLink !== undefined && !passed.has(owner.path)) {
    passed.add(owner.path);
    owner = all.get(owner.hardLink);
  }
  if (owner === undefined || owner.hardLink !== undefined || owner.type === 'directory') return undefined;
  const { hardLink: _, ...rest } = member;
  if (owner.type === 'link') return { ...rest, type: 'link', bytes: 0, target: owner.target ?? '' };
  return { ...rest, bytes: owner.bytes, hardLink: owner.path };
}

/** No two zones are farther apart from UTC. */
const farthestZone = 14n * 3_600_000_000_000n;

const zoneHint =
  'they are some hours apart at most, and nobody has said which zone the store tells its times in ("zone" under "hpss" in "__config__")';

function adoptPlain(object: StoredObject, entries: readonly Entry[]): Adoption {
  const entry = entries[0];
  if (entry === undefined || entries.length > 1) return { unreadable: 'nothing says which file it is', findings: [] };
  const { path, mode, uid, gid } = entry;
  const mtimeNs = object.modifiedNs ?? 0n;
  const off = entry.mtimeNs > mtimeNs ? entry.mtimeNs - mtimeNs : mtimeNs - entry.mtimeNs;
  if (object.isZoneUnknown && object.bytes === entry.bytes && off < farthestZone)
    return { unreadable: `whether the file is newer cannot be told: ${zoneHint}`, findings: [] };
  const member: Member = { path, type: 'file', bytes: object.bytes, mtimeNs, mode, uid, gid, offset: 0 };
  return { manifest: adopted(object, 'plain', '', [member]), findings: [] };
}

function adopted(object: StoredObject, format: Manifest['format'], base: string, members: readonly Member[]): Manifest {
  return { key: object.key, format, bytes: object.bytes, base, adopted: true, digestsFrom: 'none', members };
}

function baseOf(name: string, members: readonly Member[], archivesOf: ArchivesOf): string {
  const contents = members.filter((one) => one.type !== 'directory');
  const fits = (base: string) =>
    archivesOf(contents.map((one) => joinPath(base, one.path))).filter((archive) => archive === name).length;
  const folder = parentOf(name);
  return folder !== '' && fits(folder) > fits('') ? folder : '';
}

function moved(member: Member, base: string): Member {
  if (base === '') return member;
  const hardLink = member.hardLink === undefined ? {} : { hardLink: joinPath(base, member.hardLink) };
  return { ...member, path: joinPath(base, member.path), ...hardLink };
}

/** A tar may hold a name twice; extracting it leaves the last. */
function lastOfEach(members: readonly Member[]): ReadonlyMap<string, Member> {
  return new Map(members.map((member) => [member.path, member]));
}
