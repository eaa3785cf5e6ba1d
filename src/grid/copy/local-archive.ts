import { open } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { fileError, StowageError } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import { tailBytes, type ZipArchive } from '../zip/zip-archive.ts';

/** A whole archive that was fetched, to be read here. */
export interface FetchedArchive extends ZipArchive {
  /** Removes it. */
  remove(): Promise<void>;
}

const chunkBytes = 1 << 20;

/** Fetches an archive into a file of this name, which is removed if that fails. Nothing is proven by that but what its members say of themselves. */
export async function fetchArchive(
  files: FileOperations,
  path: string,
  content: AsyncIterable<Buffer>,
): Promise<FetchedArchive> {
  const remove = (): Promise<void> => files.unlink(path).catch(() => undefined);
  try {
    const written = await files.open(path, 'wx', 0o600);
    try {
      for await (const chunk of content) await written.write(chunk);
    } finally {
      await written.close();
    }
    const bytes = Number((await files.lstat(path))!.size);
    const length = Math.min(bytes, tailBytes);
    const parts: Buffer[] = [];
    for await (const part of bytesOf(path, bytes - length, length)) parts.push(part);
    return { bytes, tail: Buffer.concat(parts), stream: (offset, wanted) => bytesOf(path, offset, wanted), remove };
  } catch (error) {
    await remove();
    if (error instanceof StowageError) throw error;
    const { code, message, hint, facts } = fileError('cannot keep the archive while it is unpacked', error);
    throw new StowageError(code, message, {
      ...(hint === undefined ? {} : { hint }),
      facts: { ...facts, isHere: true },
      cause: error,
    });
  }
}

async function* bytesOf(path: string, offset: number, bytes: number): AsyncGenerator<Buffer> {
  const file = await open(fsPath(path), 'r');
  try {
    for (let left = bytes; left > 0; ) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(Math.min(left, chunkBytes)),
        0,
        Math.min(left, chunkBytes),
        offset + bytes - left,
      );
      if (bytesRead === 0) throw Object.assign(new Error('it ended'), { code: 'EIO' });
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
