import { type BlockSource, blockBytes, blocksOf } from './block-source.ts';
import type { DiscEntry } from './read-tree.ts';

const chunkBlocks = 512;

/** What a file on the disc holds, in order. Throws `unavailable` or `corrupt` where the medium cannot be read. */
export async function* readContent(
  source: BlockSource,
  entry: DiscEntry,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // The next chunk is read while somebody works on this one.
  let coming: { readonly read: Promise<Buffer>; readonly bytes: number } | undefined;
  for (const { chunk, bytes } of chunksOf(entry)) {
    signal?.throwIfAborted();
    const next = { read: source.read(chunk.block, chunk.bytes), bytes };
    next.read.catch(() => undefined); // it is waited for in its turn
    if (coming !== undefined) yield (await coming.read).subarray(0, coming.bytes);
    coming = next;
  }
  if (coming !== undefined) yield (await coming.read).subarray(0, coming.bytes);
}

/** True if what fills up the last block of each extent of a file is zero, as it was written. */
export async function isPaddedWithZeros(source: BlockSource, entry: DiscEntry): Promise<boolean> {
  for (const { block, bytes } of entry.extents) {
    const rest = bytes % blockBytes;
    if (rest === 0) continue;
    const last = await source.read(block + blocksOf(bytes) - 1, blockBytes);
    if (last.subarray(rest).some((byte) => byte !== 0)) return false;
  }
  return true;
}

/** Whole blocks to read, and how much of them is content. */
function* chunksOf(entry: DiscEntry) {
  for (const { block, bytes } of entry.extents) {
    for (let done = 0; done < bytes; done += chunkBlocks * blockBytes) {
      const left = Math.min(bytes - done, chunkBlocks * blockBytes);
      const chunk = { block: block + done / blockBytes, bytes: blocksOf(left) * blockBytes };
      yield { chunk, bytes: left };
    }
  }
}
