import { type BigIntStats, createReadStream } from 'node:fs';
import type { FileOperations } from '../durable/file-operations.ts';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { blockSource } from './block-source.ts';
import { sessionsOf, type Volume } from './volume.ts';

/** An image as it was found: which file, in which state. */
export interface FoundImage {
  readonly stats: BigIntStats;
  readonly sessions: readonly Volume[];
}

/**
 * Looks at the file of an image. It must be there: a place that is not there may be a disk that is not mounted. Throws `refused` for what is neither empty nor an
 * ISO image: it is somebody's data.
 */
export async function findImage(files: FileOperations, path: string): Promise<FoundImage> {
  const shown = displayName(path);
  const stats = await files.lstat(path).catch((error: unknown) => {
    throw fileError(`cannot look at '${shown}'`, error);
  });
  if (stats === undefined)
    throw new StowageError('missing', `there is no image '${shown}'`, {
      hint: `begin with an empty file: touch '${shown}'`,
    });
  if (!stats.isFile()) throw new StowageError('refused', `'${shown}' is no regular file`);
  if (stats.size === 0n) return { stats, sessions: [] };
  const source = await blockSource(path);
  try {
    const sessions = await sessionsOf(source);
    if (sessions.length > 0) return { stats, sessions };
  } finally {
    await source.close();
  }
  throw new StowageError('refused', `'${shown}' is neither empty nor an ISO image: it is not written over`, {
    hint: 'name another file, or empty this one yourself',
  });
}

/** Copies a file to a new name: by sharing its blocks where the file system can, which takes neither time nor room; else in pieces. */
export async function copyFile(
  files: FileOperations,
  from: string,
  to: string,
  mode: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    if ((await files.cloneNew?.(from, to)) === true) {
      await files.setAttributes(to, { mode });
      return;
    }
    const file = await files.open(to, 'wx', mode);
    try {
      const input = createReadStream(fsPath(from), {
        highWaterMark: 4 << 20,
        ...(signal === undefined ? {} : { signal }),
      });
      for await (const chunk of input) await file.write(chunk);
    } finally {
      await file.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError(`cannot copy '${displayName(from)}' to '${displayName(to)}'`, error);
  }
}
