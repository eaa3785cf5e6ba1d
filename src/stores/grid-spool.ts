import { createHash } from 'node:crypto';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeQuickFolder } from '../durable/folder.ts';
import { type ScratchFolder, scratchFolder } from '../durable/scratch-folder.ts';
import { fileError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { newRandomName } from './waiting-files.ts';

/** A whole object on this machine, with what the Grid wants to know of it before it takes a byte. */
export interface SpooledObject {
  readonly path: string;
  readonly bytes: number;
  readonly md5: string;
  /** Gives the room back. Idempotent. */
  remove(): Promise<void>;
}

/** Where objects lie until they are sent, each as a file for its owner alone. Nothing of it need outlive the process: nothing is fsynced. */
export interface GridSpool {
  write(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal?: AbortSignal): Promise<SpooledObject>;
}

/** A spool in a folder of its own below this one; what killed processes left there goes first. */
export function gridSpool(files: FileOperations, above: string): GridSpool {
  let folder: Promise<ScratchFolder> | undefined;
  let waiting = 0;
  const failed = (error: unknown) =>
    systemCode(error) === undefined
      ? error
      : fileError(
          `cannot put an archive aside in '${displayName(above)}'`,
          error,
          'name a place with more room: "spool" under "grid"',
        );

  /** The folder is there while something is in it. */
  async function enter(): Promise<ScratchFolder> {
    waiting += 1;
    folder ??= makeQuickFolder(files, above).then(() => scratchFolder(files, above, 'grid-'));
    try {
      return await folder;
    } catch (error) {
      folder = undefined;
      waiting -= 1;
      throw failed(error);
    }
  }

  async function leave(): Promise<void> {
    waiting -= 1;
    if (waiting > 0) return;
    const left = folder;
    folder = undefined;
    // What cannot be removed now is removed by the next process.
    await (await left)?.remove().catch(() => undefined);
  }

  return {
    async write(bytes, signal) {
      signal?.throwIfAborted();
      const { path: parent } = await enter();
      const path = `${parent}/${newRandomName()}`;
      let isThere = true;
      const remove = async () => {
        if (!isThere) return;
        isThere = false;
        await files.unlink(path).catch(() => undefined);
        await leave();
      };
      try {
        const hash = createHash('md5');
        const written = await copy(files, path, bytes, (chunk) => hash.update(chunk), signal);
        return { path, bytes: written, md5: hash.digest('hex'), remove };
      } catch (error) {
        await remove();
        throw failed(error);
      }
    },
  };
}

async function copy(
  files: FileOperations,
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const file = await files.open(path, 'wx', 0o600);
  let written = 0;
  try {
    // One write is under way while the next chunk is made.
    let writing: Promise<void> | undefined;
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      await writing;
      writing = file.write(chunk);
      writing.catch(() => undefined);
      onChunk(chunk);
      written += chunk.length;
    }
    await writing;
    signal?.throwIfAborted();
    return written;
  } finally {
    await file.close();
  }
}
