import { writeMemberHeader } from './member-header.ts';
import type { PackItem } from './pack-item.ts';
import { readStill } from './small-file.ts';
import { padded } from './tar-header.ts';

/** A part of an archive, finished: every item of the batch is in it. */
export interface PackedBatch {
  readonly memory: ArrayBuffer;
  /** How much of the memory was filled. */
  readonly length: number;
  /** The hex SHA-256 of each content, one after the other. */
  readonly digests: string;
  /** Where each content begins in the memory; -1 for items without. */
  readonly offsets: Float64Array;
}

/**
 * Packs small items into memory that has room for all of them: opens, reads, hashes and closes each file, as the first try of an archive does.
 * Throws `changed` and `unavailable` as that does.
 */
export function packBatch(items: Iterable<PackItem>, count: number, memory: ArrayBuffer): PackedBatch {
  const into = Buffer.from(memory);
  const offsets = new Float64Array(count).fill(-1);
  let digests = '';
  let at = 0;
  let index = 0;
  for (const { member, content } of items) {
    at = writeMemberHeader(into, at, member);
    if (content.kind === 'disk') {
      offsets[index] = at;
      digests += readStill(member, content.path, into, at);
      at += padded(member.bytes);
    }
    index += 1;
  }
  return { memory, length: at, digests, offsets };
}
