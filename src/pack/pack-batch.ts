import type { Member } from '../model/manifest.ts';
import { writeMemberHeader } from './member-header.ts';
import type { PackItem } from './pack-item.ts';
import { type PlainFile, packPlainFile, type StreamedPlain } from './plain-file.ts';
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

/** Packs small members one behind the other: opens, reads, hashes and closes each file, as the first try of an archive does. */
export interface BatchWriter {
  /** Any that is small and no hard link. Throws `changed`, `unavailable` and `refused` as that try does. */
  add(item: PackItem): Member;
  /** The same, for a file of which less need be asked. */
  addPlain(file: PlainFile): StreamedPlain;
  /** All of it. */
  packed(): PackedBatch;
}

/** Packs into memory that has room for all of them. `base` is where the batch begins in the archive. */
export function batchWriter(memory: ArrayBuffer, base: number): BatchWriter {
  const into = Buffer.from(memory);
  let at = 0;
  let members = 0;
  let contentBytes = 0;
  const count = (bytes: number) => {
    members += 1;
    contentBytes += bytes;
    at += padded(bytes);
  };
  return {
    add(item) {
      requireSound(item);
      const { member, content } = item;
      at = writeMemberHeader(into, at, member);
      if (content.kind !== 'disk') {
        count(0);
        return member;
      }
      const offset = base + at;
      const sha256 = readStill(member, content.path, into, at);
      count(member.bytes);
      return { ...member, sha256, offset };
    },
    addPlain(file) {
      const { sha256, offset } = packPlainFile(file, into, at);
      at = offset;
      count(file.bytes);
      return { sha256, offset: base + offset };
    },
    packed: () => ({ length: at, members, contentBytes }),
  };
}
