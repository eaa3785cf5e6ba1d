import type { BigIntStats } from 'node:fs';
import type { FileOperations } from '../durable/file-operations.ts';

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
    // One write is under way while the next chunk is made.
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      await writing;
      writing = file.write(chunk);
      writing.catch(() => undefined);
    }
    await writing;
    await file.sync();
    return await file.stat();
  } finally {
    await file.close();
  }
}
