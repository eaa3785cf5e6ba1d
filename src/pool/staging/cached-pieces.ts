import type { OpenFile } from '../../durable/file-operations.ts';

/** Writes pieces of any length through the page cache, one write under way while the next is gathered. */
export interface CachedPieces {
  /** Takes a piece, whose memory is free again once the next but one is taken. */
  add(piece: Uint8Array): Promise<void>;
  /** Resolved = all is written, but not durable. */
  end(): Promise<void>;
}

/** What is written in one go. */
const blockBytes = 1024 * 1024;
/** How much is written before the disk is asked to begin: so that it does not stand still until the end, and then all wait for it. */
const syncBytes = 64 * 1024 * 1024;

/** Pieces that go into a file behind what was written to it. */
export function cachedPieces(file: Pick<OpenFile, 'write' | 'sync'>): CachedPieces {
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> | undefined;
  let unsynced = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await writing;
    writing = file.write(bytes);
    writing.catch(() => undefined); // awaited before the next, and at the end
    unsynced += bytes.length;
    if (unsynced < syncBytes || syncing !== undefined) return;
    unsynced = 0;
    // The last word is that of the fsync at the end, which fails too if this one does.
    syncing = file
      .sync()
      .catch(() => undefined)
      .finally(() => {
        syncing = undefined;
      });
  };
  // Small pieces, as they come over a connection, are gathered: a write costs more than a copy.
  const blocks: Buffer[] = [];
  let turn = 0;
  let filled = 0;
  const flush = async (): Promise<void> => {
    if (filled > 0) await write(blocks[turn]!.subarray(0, filled));
    filled = 0;
    turn = 1 - turn;
  };
  let isBorrowed = false;
  const gather = async (piece: Uint8Array): Promise<void> => {
    // What is being written may be the memory of the piece before, which the next one is put into.
    if (isBorrowed) await writing;
    isBorrowed = false;
    for (let from = 0; from < piece.length; ) {
      blocks[turn] ??= Buffer.allocUnsafe(blockBytes);
      const part = piece.subarray(from, from + blockBytes - filled);
      blocks[turn]!.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled === blockBytes) await flush();
    }
  };
  return {
    async add(piece) {
      if (piece.length < blockBytes / 2) await gather(piece);
      else {
        await flush();
        await write(piece);
        isBorrowed = true;
      }
    },
    async end() {
      await flush();
      await writing;
      await syncing;
    },
  };
}
