import { open } from 'node:fs/promises';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { ByteRange } from '../store/store.ts';

const chunkBytes = 1 << 20;

/** The bytes of a range of a local file. Rejects if it cannot be opened; throws `corrupt` if the file ends before the range does. */
export async function readFileRange(
  path: string,
  range: ByteRange,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const file = await open(fsPath(path), 'r').catch((error: unknown) => {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  });
  return (async function* () {
    try {
      let at = range.start;
      while (at < range.end) {
        signal?.throwIfAborted();
        const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, range.end - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at).catch((error: unknown) => {
          throw fileError(`cannot read '${displayName(path)}'`, error);
        });
        if (bytesRead === 0)
          throw new StowageError('corrupt', `'${displayName(path)}' ends at byte ${at}, not at ${range.end}`);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  })();
}
