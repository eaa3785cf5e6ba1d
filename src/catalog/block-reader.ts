import { type FileHandle, open } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { MemberLines } from './archive-record.ts';

const windowBytes = 4 << 20;

/** Reads stretches of one journal. Those that follow one another closely cost one read together. */
export interface BlockReader {
  /** The bytes of these lines; fewer if the file ends before. Good until the next call. */
  read(lines: MemberLines): Promise<Buffer>;
  close(): Promise<void>;
}

/** A reader over the file at `path`. `window`: how much is read at once. Throws `unavailable`. */
export async function blockReader(path: string, window = windowBytes): Promise<BlockReader> {
  const file = await open(fsPath(path), 'r').catch((error: unknown) => {
    throw fileError(`cannot read the journal '${displayName(path)}'`, error, 'run the same command again');
  });
  let held: Buffer = Buffer.alloc(0);
  let heldAt = 0;
  return {
    async read({ offset, length }) {
      if (offset < heldAt || offset + length > heldAt + held.length) {
        held = await fill(file, offset, Math.max(length, window), path);
        heldAt = offset;
      }
      return held.subarray(offset - heldAt, offset - heldAt + length);
    },
    close: () => file.close(),
  };
}

async function fill(file: FileHandle, offset: number, length: number, path: string): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done).catch((error: unknown) => {
      throw fileError(`cannot read the journal '${displayName(path)}'`, error);
    });
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
