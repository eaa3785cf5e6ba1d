import { fileError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { FileOperations } from './file-operations.ts';
import { publishNew, publishOver } from './publish-file.ts';
import { temporaryName } from './temporary-name.ts';

export interface WholeFileOptions {
  /** False: the name must be free, else `exists`. True: what has the name is replaced in one step; a link there is replaced, not followed. */
  readonly replace: boolean;
  /** Permission bits, less the umask; 0o666 if not given. */
  readonly mode?: number;
}

/**
 * Writes a file that other processes see whole or not at all, and that survives our own death, but perhaps not that of the machine: nothing
 * is fsynced. For what can be made again and carries a checksum. A file that had the name is replaced. Rejects with `full` or `unavailable`.
 */
export async function writeQuick(files: FileOperations, path: string, data: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await files.open(temporary, 'wx');
    try {
      await file.write(typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.unlink(temporary).catch(() => undefined);
    throw fileError(`cannot write '${displayName(path)}'`, error);
  }
}

/**
 * Writes a file that appears whole and durable, or not at all: temporary name in the same folder, fsync, publish, fsync of the
 * folder. Rejects with `full`, `unavailable` or `exists`; what was there before is then still whole, or already wholly replaced.
 */
export async function writeWhole(
  files: FileOperations,
  path: string,
  data: string | Uint8Array,
  options: WholeFileOptions,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeTemporary(files, temporary, data, options.mode);
    await (options.replace ? publishOver : publishNew)(files, temporary, path);
  } catch (error) {
    // Best effort: the first error is the one that matters, and a temporary that stays harms nobody.
    await files.unlink(temporary).catch(() => undefined);
    throw fileError(`cannot write '${displayName(path)}'`, error);
  }
}

async function writeTemporary(files: FileOperations, path: string, data: string | Uint8Array, mode?: number) {
  const file = await files.open(path, 'wx', mode);
  try {
    await file.write(typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
    await file.sync();
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
  await file.close();
}
