import { createHash } from 'node:crypto';
import { isStowageError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { type ChunkRing, chunkBytes } from './chunk-ring.ts';
import { changedError, readBeside } from './disk-file.ts';
import type { Content, PackItem } from './pack-item.ts';

/** What a content turned out to be, once it was streamed. */
export interface Streamed {
  readonly sha256: string;
  /** The file ended before its size; the rest is zeros. */
  readonly short: boolean;
}

/** Streams exactly `member.bytes` bytes of an open file, the next piece being read while the last one is used. */
export async function* diskContent(
  member: PackItem['member'],
  descriptor: number,
  { settle, ring }: { readonly settle: boolean; readonly ring: ChunkRing },
): AsyncGenerator<Buffer, Streamed> {
  const hash = createHash('sha256');
  const begin = (position: number) => {
    const length = Math.min(chunkBytes, member.bytes - position);
    const into = ring.next(length).subarray(0, length);
    const got = readBeside(member, descriptor, into, position);
    got.catch(() => undefined); // it may fail while the last piece is still in use; `await` below finds out
    return { into, got };
  };
  let short = false;
  let ahead: ReturnType<typeof begin> | undefined = begin(0);
  try {
    for (let position = 0; position < member.bytes; ) {
      const { into, got } = ahead;
      const length = await got;
      position += into.length;
      if (length < into.length) {
        if (!settle) throw changedError(member.path, `it ended after ${position - into.length + length} bytes`);
        short = true;
        into.fill(0, length);
      }
      ahead = begin(position);
      hash.update(into);
      yield into;
    }
  } finally {
    // A descriptor must not be closed under a read that is still on its way.
    await ahead.got.catch(() => undefined);
  }
  return { sha256: hash.digest('hex'), short };
}

/** Streams a member out of an older archive. Throws `corrupt` unless it has exactly its size and, where one is known, its digest. */
export async function* storedContent(
  member: PackItem['member'],
  content: Content & { kind: 'stored' },
): AsyncGenerator<Uint8Array, Streamed> {
  const hash = createHash('sha256');
  const name = `'${displayName(member.path)}' in its old archive`;
  let bytes = 0;
  try {
    for await (const piece of await content.open()) {
      bytes += piece.length;
      if (bytes > member.bytes) break;
      hash.update(piece);
      yield piece;
    }
  } catch (error) {
    if (!isStowageError(error, 'corrupt', 'missing')) throw error;
    throw new StowageError(error.code, `${name} cannot be read: ${error.message}`, {
      facts: { ...error.facts, path: member.path },
      cause: error,
    });
  }
  if (bytes !== member.bytes) {
    throw new StowageError('corrupt', `${name} has not its ${member.bytes} bytes`, { facts: { path: member.path } });
  }
  const sha256 = hash.digest('hex');
  if (content.sha256 !== undefined && content.sha256 !== sha256) {
    throw new StowageError('corrupt', `${name} has another SHA-256 than recorded`, {
      facts: { path: member.path, recorded: content.sha256, read: sha256 },
    });
  }
  return { sha256, short: false };
}
