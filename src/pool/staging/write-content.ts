import { createHash, hash } from 'node:crypto';
import type { OpenFile } from '../../durable/file-operations.ts';

/** What is written and hashed in one go. */
const blockBytes = 1024 * 1024;
/** How much is written before the disk is asked to begin: so that it does not stand still until the end, and then all wait for it. */
const syncBytes = 64 * 1024 * 1024;

/** Writes the content of a file and gives its SHA-256. A piece may be used again by its source once the next but one is asked for. */
export async function writeContent(
  file: Pick<OpenFile, 'write' | 'sync'>,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
  if (content instanceof Uint8Array) {
    if (content.length > 0) await file.write(content);
    return hash('sha256', content, 'hex');
  }
  const digest = createHash('sha256');
  let writing: Promise<void> = Promise.resolve();
  let syncing: Promise<void> | undefined;
  let unsynced = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await writing;
    writing = file.write(bytes);
    writing.catch(() => undefined); // awaited before the next, and at the end
    digest.update(bytes);
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
  const gather = async (piece: Uint8Array): Promise<void> => {
    for (let from = 0; from < piece.length; ) {
      blocks[turn] ??= Buffer.allocUnsafe(blockBytes);
      const part = piece.subarray(from, from + blockBytes - filled);
      blocks[turn]!.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled === blockBytes) await flush();
    }
  };
  const flush = async (): Promise<void> => {
    if (filled > 0) await write(blocks[turn]!.subarray(0, filled));
    filled = 0;
    turn = 1 - turn;
  };
  for await (const piece of content) {
    if (piece.length < blockBytes / 2) await gather(piece);
    else {
      await flush();
      await write(piece);
    }
  }
  await flush();
  await writing;
  await syncing;
  return digest.digest('hex');
}
