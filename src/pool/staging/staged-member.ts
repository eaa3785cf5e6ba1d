import type { EntryType } from '../../model/entry.ts';
import type { Member } from '../../model/manifest.ts';
import type { StagePeerOptions } from '../peers/peer.ts';

const setIds = 0o6000;

/** How an entry is staged: whose it is and which permissions it has, as was asked for; never with a set-user-id bit. */
export function stagedMember(
  entry: Pick<Member, 'path' | 'type' | 'bytes' | 'mtimeNs' | 'mode' | 'target'>,
  options: StagePeerOptions,
  sha256?: string,
): Member {
  const { ownership } = options;
  const { path, type, bytes, mtimeNs, mode, target } = entry;
  const uid = ownership?.uid ?? process.geteuid?.() ?? 0;
  const gid = ownership?.gid ?? process.getegid?.() ?? 0;
  return {
    ...{ path, type, bytes, mtimeNs, uid, gid },
    mode: stagedMode(type, mode, options),
    ...(target === undefined ? {} : { target }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/** The permission bits that an entry is staged with. */
export function stagedMode(type: EntryType, mode: number, { permissions }: StagePeerOptions): number {
  return type === 'file' && permissions !== undefined ? permissions : mode & ~setIds;
}

/** True if both are the same, as far as a disk of ours can tell: times to the microsecond, no mode of a link, no time of a directory. */
export function isSameMember(one: Member, other: Member): boolean {
  if (one.type !== other.type || one.target !== other.target) return false;
  if (one.type !== 'link' && one.mode !== other.mode) return false;
  if (one.type === 'directory') return true;
  return one.bytes === other.bytes && microseconds(one.mtimeNs) === microseconds(other.mtimeNs);
}

/** Cut towards 1970, as `setAttributes` cuts. */
function microseconds(ns: bigint): bigint {
  return ns / 1000n;
}
