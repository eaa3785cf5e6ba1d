import type { Member } from '../model/manifest.ts';
import { writeMemberHeader } from './member-header.ts';
import type { PackItem } from './pack-item.ts';
import { readStill } from './small-file.ts';
import { requireSound } from './sound-item.ts';
import { padded } from './tar-header.ts';

/** What came of a batch. */
export interface PackedBatch {
  /** How much of the memory was filled. */
  readonly length: number;
  readonly members: number;
  readonly contentBytes: number;
}

/**
 * Packs small items, none of them a hard link, into memory that has room for all of them: opens, reads, hashes and closes each file, as the first
 * try of an archive does. `base` is where the batch begins in the archive. Throws `changed`, `unavailable` and `refused` as that does.
 */
export function packBatch(
  items: Iterable<PackItem>,
  memory: ArrayBuffer,
  base: number,
  onMember: (member: Member) => void,
): PackedBatch {
  const into = Buffer.from(memory);
  let at = 0;
  let members = 0;
  let contentBytes = 0;
  for (const item of items) {
    requireSound(item);
    const { member, content } = item;
    at = writeMemberHeader(into, at, member);
    members += 1;
    if (content.kind !== 'disk') {
      onMember(member);
      continue;
    }
    const offset = base + at;
    const sha256 = readStill(member, content.path, into, at);
    at += padded(member.bytes);
    contentBytes += member.bytes;
    onMember({ ...member, sha256, offset });
  }
  return { length: at, members, contentBytes };
}
