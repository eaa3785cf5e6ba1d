import { type BlockSource, blockBytes, blocksOf } from './block-source.ts';
import type { DiscEntry } from './read-tree.ts';

const chunkBytes = 512 * blockBytes;

/** A part of what a file on the disc holds, from `start` to `end`, in order. Throws `unavailable` or `corrupt` where the medium cannot be read. */
export async function* readRange(
  source: BlockSource,
  entry: DiscEntry,
  { start, end }: { readonly start: number; readonly end: number },
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let before = 0;
  for (const { block, bytes } of entry.extents) {
    const last = Math.min(bytes, end - before);
    for (let at = Math.max(0, start - before); at < last; ) {
      signal?.throwIfAborted();
      const first = Math.floor(at / blockBytes);
      const until = Math.min(last, first * blockBytes + chunkBytes);
      const whole = await source.read(block + first, blocksOf(until - first * blockBytes) * blockBytes);
      yield whole.subarray(at - first * blockBytes, until - first * blockBytes);
      at = until;
    }
    before += bytes;
  }
}
