import type { BigIntStats } from 'node:fs';
import type { FileOperations } from '../durable/file-operations.ts';

const flushEvery = 32 << 20;

/** Streams bytes into a new file and makes it durable; one write is under way while the next chunk is made. */
export async function writeNewFile(
  files: FileOperations,
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<BigIntStats> {
  const file = await files.open(path, 'wx');
  try {
    let writing: Promise<void> | undefined;
    let flushing: Promise<void> | undefined;
    let unflushed = 0;
    // One write is under way while the next chunk is made.
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      await writing;
      writing = file.write(chunk);
      writing.catch(() => undefined);
      unflushed += chunk.length;
      if (unflushed < flushEvery) continue;
      // What is on its way to the disk already need not be waited for at the end.
      await flushing;
      await writing;
      flushing = file.sync();
      flushing.catch(() => undefined);
      unflushed = 0;
    }
    await writing;
    await flushing;
    await file.sync();
    return await file.stat();
  } finally {
    await file.close();
  }
}
