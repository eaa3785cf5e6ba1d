import { setImmediate } from 'node:timers/promises';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { archiveDigest, digestHere } from './archive-digest.ts';
import { type ChunkRing, chunkBytes, chunkRing } from './chunk-ring.ts';
import type { Packed, PackItem, Unsettled } from './pack-item.ts';
import type { PackOptions } from './pack-options.ts';
import type { PackThreads } from './pack-threads.ts';

/** The books of one archive while it is written: its digest, its members, and what did not hold still. */
export interface Packing {
  readonly settle: boolean;
  readonly threads: PackThreads | undefined;
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
  // Beside threads that pack, this one has the time to hash; a further thread would cost more than it saves.
  const archive = options.threads === undefined ? archiveDigest(options.expectedBytes ?? 0) : digestHere();
  const members: Member[] = [];
  const unsettled: Unsettled[] = [];
  let bytes = 0;
  let content = 0;
  let sha256: string | undefined;
  // Only archives with hard links pay for it.
  let byPath: Map<string, Member> | undefined;

  function add(item: PackItem, found: Pick<Member, 'sha256' | 'offset' | 'torn'>): void {
    const member: Member = { ...item.member, ...found };
    members.push(member);
    byPath?.set(member.path, member);
  }

  return {
    settle: options.settle,
    threads: options.threads,
    ring: chunkRing(),
    chunkLength: Math.min(chunkBytes, Math.max(smallestChunk, 2 * (options.expectedBytes ?? chunkBytes))),
    handed: () => bytes,
    add,
    async hand(chunk) {
      if (options.signal?.aborted) throw new StowageError('interrupted', 'stopped while an archive was written');
      await archive.update(chunk);
      bytes += chunk.length;
      options.onProgress?.(content, members.length);
      await setImmediate();
      return chunk;
    },
    count(contentBytes) {
      content += contentBytes;
    },
    addHardLink(item) {
      byPath ??= new Map(members.map((member) => [member.path, member]));
      const first = byPath.get(item.member.hardLink!);
      if (first !== undefined && first.type === 'file') {
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
      options.onMembers?.(members);
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
