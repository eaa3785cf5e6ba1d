import { setImmediate } from 'node:timers/promises';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { archiveDigest, digestHere } from './archive-digest.ts';
import { type ChunkRing, chunkBytes, chunkRing } from './chunk-ring.ts';
import type { Packed, PackItem, Unsettled } from './pack-item.ts';
import type { PackOptions } from './pack-options.ts';

/** The books of one archive while it is written: its digest, its members, and what did not hold still. */
export interface Packing {
  readonly settle: boolean;
  /** Memory for the contents of files, one archive long. */
  readonly ring: ChunkRing;
  /** How much to gather before it is handed out. */
  readonly chunkLength: number;
  /** Counts a chunk that is about to be handed out; the event loop gets its turn, and an abort throws `interrupted`. */
  hand(chunk: Uint8Array): Promise<Uint8Array>;
  /** Counts content, for the progress: tar's own bytes are none. */
  count(contentBytes: number): void;
  /** Bytes handed out so far. */
  handed(): number;
  /** Records a member that is in the archive. */
  add(item: PackItem, found: Pick<Member, 'sha256' | 'offset' | 'torn'>): void;
  /** Records so many members of a part, by whom they are told. */
  addPart(members: number, contentBytes: number): void;
  /** Records a further name of a file, with the digest of the file; false if that file was left out. */
  addHardLink(item: PackItem): boolean;
  /** Records a file that did not hold still. */
  tell(unsettled: Unsettled): void;
  /** After the last chunk. */
  end(): Promise<void>;
  /** Whether it ended or failed. */
  close(): void;
  result(): Packed;
}

const smallestChunk = 64 * 1024;

/** Opens the books. */
export function packing(options: PackOptions): Packing {
  const archive = options.hashHere === true ? digestHere() : archiveDigest(options.expectedBytes ?? 0);
  const shared = new Map<string, Member>();
  const unsettled: Unsettled[] = [];
  let members = 0;
  let bytes = 0;
  let content = 0;
  let sha256: string | undefined;

  function add(item: PackItem, found: Pick<Member, 'sha256' | 'offset' | 'torn'>): void {
    const member: Member = { ...item.member, ...found };
    members += 1;
    if (item.shared) shared.set(member.path, member);
    options.onMember?.(member);
  }

  return {
    settle: options.settle,
    ring: chunkRing(),
    chunkLength: Math.min(chunkBytes, Math.max(smallestChunk, 2 * (options.expectedBytes ?? chunkBytes))),
    handed: () => bytes,
    add,
    async hand(chunk) {
      if (options.signal?.aborted) throw new StowageError('interrupted', 'stopped while an archive was written');
      await archive.update(chunk);
      bytes += chunk.length;
      options.onProgress?.(content, members);
      await setImmediate();
      return chunk;
    },
    count(contentBytes) {
      content += contentBytes;
    },
    addPart(more, contentBytes) {
      members += more;
      content += contentBytes;
    },
    addHardLink(item) {
      const first = shared.get(item.member.hardLink!);
      if (first !== undefined) {
        const torn = first.torn === undefined ? {} : { torn: first.torn };
        if (first.torn) unsettled.push({ path: item.member.path, kind: 'changed', reason: firstName(first.path) });
        add(item, { ...(first.sha256 === undefined ? {} : { sha256: first.sha256 }), ...torn });
        return true;
      }
      const lost = unsettled.find((other) => other.path === item.member.hardLink);
      const names = `'${displayName(item.member.path)}' is a further name of '${displayName(item.member.hardLink!)}'`;
      if (lost === undefined) throw new StowageError('bug', `${names}, which is not in front of it`);
      unsettled.push({ path: item.member.path, kind: lost.kind, reason: firstName(lost.path) });
      return false;
    },
    tell: (one) => void unsettled.push(one),
    async end() {
      sha256 = await archive.digest();
    },
    close: () => archive.close(),
    result() {
      if (sha256 === undefined)
        throw new StowageError('bug', 'an archive has no result before its last chunk was read');
      return { bytes, sha256, members, unsettled };
    },
  };
}

function firstName(path: string): string {
  return `it is a further name of '${displayName(path)}'`;
}
