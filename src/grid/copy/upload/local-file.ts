import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileError, StowageError } from '../../../errors.ts';
import { displayName, fsPath } from '../../../model/byte-name.ts';

/** A file of this machine that is open to be read. */
export interface LocalFile {
  readonly path: string;
  /** Its number in this process, for threads, as long as it is open. */
  readonly descriptor: number;
  readonly bytes: number;
  readonly modifiedNs: bigint;
  /** All of these bytes, in memory of their own. Rejects with `changed` where the file ends before. */
  read(offset: number, bytes: number): Promise<Buffer>;
  /** Rejects with `changed` if it is not what it was when it was opened. */
  refuseChanged(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file; a link is followed. Rejects with `usage` for what is no file, `missing`, `unavailable`. */
export async function openLocalFile(path: string): Promise<LocalFile> {
  const what = `cannot read '${displayName(path)}'`;
  let handle: FileHandle;
  try {
    // A pipe without a writer would be waited for.
    handle = await open(fsPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw fileError(what, error);
  }
  const look = () =>
    handle.stat({ bigint: true }).catch((error: unknown) => {
      throw fileError(what, error);
    });
  try {
    const first = await look();
    if (!first.isFile()) throw new StowageError('usage', `${what}: it is no file`);
    return {
      path,
      descriptor: handle.fd,
      bytes: Number(first.size),
      modifiedNs: first.mtimeNs,
      async read(offset, bytes) {
        const into = Buffer.allocUnsafeSlow(bytes);
        for (let filled = 0; filled < bytes; ) {
          const { bytesRead } = await handle
            .read(into, filled, bytes - filled, offset + filled)
            .catch((error: unknown) => {
              throw fileError(what, error);
            });
          if (bytesRead === 0) throw changed(path, `it ended at ${offset + filled} bytes`);
          filled += bytesRead;
        }
        return into;
      },
      async refuseChanged() {
        const now = await look();
        if (now.size !== first.size) throw changed(path, `it had ${first.size} bytes, and has ${now.size}`);
        if (now.mtimeNs !== first.mtimeNs) throw changed(path, 'it was written to');
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The error for a file that was not left alone. */
export function changed(path: string, how: string): StowageError {
  return new StowageError('changed', `'${displayName(path)}' changed while it was read: ${how}`, {
    hint: 'copy it again when nobody writes to it',
  });
}
