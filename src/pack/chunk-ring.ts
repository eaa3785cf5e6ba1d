/** How much is read and handed out at once. */
export const chunkBytes = 1024 * 1024;

/** How many chunks a reader may hold before the first is used again: the one it has, the one before it, and one that is being filled. */
const ringLength = 4;

/** Memory for chunks, used again and again: a page that was never touched costs more than reading a small file into it. */
export interface ChunkRing {
  /** The next piece of memory, at least as long as asked; what it held three pieces ago is overwritten. */
  next(bytes: number): Buffer;
}

/** A ring of chunks. */
export function chunkRing(): ChunkRing {
  const ring: Buffer[] = [];
  let turn = 0;
  return {
    next(bytes) {
      turn = (turn + 1) % ringLength;
      const chunk = ring[turn];
      if (chunk !== undefined && chunk.length >= bytes) return chunk;
      // No more than is needed: a thousand small archives must not each fill a mebibyte.
      const made = Buffer.allocUnsafeSlow(bytes);
      ring[turn] = made;
      return made;
    },
  };
}
