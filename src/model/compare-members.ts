import { type Entry, unknownOwner } from './entry.ts';
import type { ManifestHead, Member } from './manifest.ts';

/** What must be known of an archive to compare a member of it with a file. */
export type ComparedArchive = Pick<ManifestHead, 'adopted' | 'format'>;

const second = 1_000_000_000n;
const minute = 60n * second;

/**
 * True if the entry is no longer what was archived: type, size, time or link target differ. Mode and owner alone do not count.
 * Archives that others made may hold whole seconds only; of a plain object that was adopted nothing is known but its size and
 * when the store got it, so there only a later time on disk counts (HPSSPy's rule).
 */
export function isChanged(entry: Entry, member: Member, manifest: ComparedArchive): boolean {
  if (member.torn === true || entry.type !== member.type || entry.bytes !== member.bytes) return true;
  if (entry.type === 'link' && entry.target !== member.target) return true;
  if (manifest.adopted && manifest.format === 'plain') return entry.mtimeNs > member.mtimeNs;
  if (manifest.adopted && isOfMinute(member)) return entry.mtimeNs / minute !== member.mtimeNs / minute;
  if (manifest.adopted && member.mtimeNs % second === 0n) return floorToSecond(entry.mtimeNs) !== member.mtimeNs;
  return !isSameTime(entry.mtimeNs, member.mtimeNs);
}

/** True for a member of an archive that others made, of whose time only the minute is known: an index that tells neither places nor owners is htar's listing. */
export function isOfMinute(member: Member): boolean {
  return member.uid === unknownOwner && member.offset === undefined;
}

/**
 * Equal to within a microsecond: what was restored has its time to a fraction of that (see durable/file-operations.ts), and
 * a file server may keep no more. No kernel stamps two changes of a file closer together.
 */
export function isSameTime(a: bigint, b: bigint): boolean {
  const difference = a - b;
  return difference > -1000n && difference < 1000n;
}

/** True if only mode or owner differ from what was archived. An adopted plain object has none to compare. */
export function hasOtherAttributes(entry: Entry, member: Member, manifest: ComparedArchive): boolean {
  if (manifest.adopted && manifest.format === 'plain') return false;
  return entry.mode !== member.mode || isOther(entry.uid, member.uid) || isOther(entry.gid, member.gid);
}

function floorToSecond(ns: bigint): bigint {
  const rest = ns % second;
  return rest < 0n ? ns - rest - second : ns - rest;
}

function isOther(owner: number, recorded: number): boolean {
  return owner !== recorded && owner !== unknownOwner && recorded !== unknownOwner;
}
