import type { OpenFile } from './file-operations.ts';

/** Gathers chunks of any length into whole pieces and writes them past the page cache, one while the next is gathered. */
export interface DirectPieces {
  /** Takes a chunk, whose memory is free again afterwards. False if it is of no use to go on so: the way is refused. */
  add(chunk: Uint8Array): Promise<boolean>;
  /** Resolved = all whole pieces are written. What is left of the last one is to be written in the other way. */
  end(): Promise<Uint8Array>;
}

/**
 * A whole number of blocks of any disk, and of pages of any machine. As large as a disk takes at once: of two it has one before it while the other is filled, and what is lost between them is
 * little even for a slow one.
 */
export const pieceBytes = 4 << 20;

/** Pieces that are handed to `write` as `OpenFile.writeDirect` wants them; it is never called again before it has resolved. */
export function directPieces(write: NonNullable<OpenFile['writeDirect']>): DirectPieces {
  let [filling, other] = [directMemory(pieceBytes), directMemory(pieceBytes)];
  let at = 0;
  let writing: Promise<boolean> = Promise.resolve(true);
  return {
    async add(chunk) {
      let isOfUse = true;
      for (let from = 0; from < chunk.length; ) {
        const part = chunk.subarray(from, from + pieceBytes - at);
        filling.set(part, at);
        from += part.length;
        at += part.length;
        if (at < pieceBytes) break;
        if (!(await writing)) isOfUse = false;
        writing = write(filling);
        writing.catch(() => undefined); // whoever waits for it hears of it
        [filling, other] = [other, filling];
        at = 0;
      }
      return isOfUse;
    },
    async end() {
      await writing;
      return filling.subarray(0, at);
    },
  };
}

/**
 * Memory that begins with a page, as open(2) wants it under O_DIRECT: V8 maps a buffer that may be resized by whole pages, where others begin 16 bytes behind
 * one. Should it ever do so no more, the first write is refused and goes through the page cache.
 */
export function directMemory(bytes: number): Uint8Array {
  const Resizable = ArrayBuffer as new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;
  return new Uint8Array(new Resizable(bytes, { maxByteLength: bytes }));
}
