import { type FileHandle, open } from 'node:fs/promises';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';

/** Bytes of a block of ISO 9660. */
export const blockBytes = 2048;

/** An image or a medium, read by blocks, without a kernel mount. */
export interface BlockSource {
  /** Exactly this many bytes from the beginning of a block on. Throws `corrupt` beyond the end, `unavailable` where the medium cannot be read. */
  read(block: number, bytes: number): Promise<Buffer>;
  /** Of a regular file; undefined for a drive. */
  readonly bytes: number | undefined;
  close(): Promise<void>;
}

/** Opens an image or a device for reading. */
export async function blockSource(path: string): Promise<BlockSource> {
  const shown = displayName(path);
  const fail = (error: unknown) => fileError(`cannot read '${shown}'`, error);
  const handle: FileHandle = await open(fsPath(path), 'r').catch((error: unknown) => {
    throw fail(error);
  });
  try {
    const found = await handle.stat();
    return {
      bytes: found.isFile() ? found.size : undefined,
      async read(block, bytes) {
        const buffer = Buffer.allocUnsafe(bytes);
        for (let done = 0; done < bytes; ) {
          const { bytesRead } = await handle
            .read(buffer, done, bytes - done, block * blockBytes + done)
            .catch((error: unknown) => {
              throw fail(error);
            });
          if (bytesRead === 0) throw new StowageError('corrupt', `'${shown}' ends before block ${block} is whole`);
          done += bytesRead;
        }
        return buffer;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw fail(error);
  }
}

/** The blocks that so many bytes take. */
export function blocksOf(bytes: number): number {
  return Math.ceil(bytes / blockBytes);
}
