import type { FileOperations, OpenFile } from '../../durable/file-operations.ts';
import { publishOver } from '../../durable/publish-file.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { fileError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

/** A file of HPSSPy's that is written piece by piece, and appears whole and durable, or not at all. */
export interface GrowingFile {
  write(piece: Uint8Array | string): Promise<void>;
  /** Gives it its name; what had the name is replaced. */
  publish(): Promise<void>;
  /** Throws it away, unless it has its name. Idempotent. */
  abandon(): Promise<void>;
}

const batch = 1 << 20;

/** A file that is to have this name. Rejects with `full` or `unavailable`. */
export async function growingFile(files: FileOperations, path: string): Promise<GrowingFile> {
  const temporary = temporaryName(path);
  let pieces: Uint8Array[] = [];
  let waiting = 0;
  let isThere = true;
  const told = (error: unknown) => fileError(`cannot write '${displayName(path)}'`, error);
  let file: OpenFile | undefined;
  try {
    file = await files.open(temporary, 'wx');
  } catch (error) {
    throw told(error);
  }
  // One piece is on its way while the next is gathered.
  let onItsWay: Promise<void> = Promise.resolve();
  const flush = async () => {
    const data = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    pieces = [];
    waiting = 0;
    await onItsWay;
    onItsWay = file!.write(data);
    onItsWay.catch(() => undefined); // whoever writes next, or publishes, is told
  };
  return {
    async write(piece) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
      pieces.push(bytes);
      waiting += bytes.length;
      if (waiting < batch) return;
      try {
        await flush();
      } catch (error) {
        throw told(error);
      }
    },
    async publish() {
      try {
        await flush();
        await onItsWay;
        await file!.sync();
        await file!.close();
        file = undefined;
        await publishOver(files, temporary, path);
        isThere = false;
      } catch (error) {
        throw told(error);
      }
    },
    async abandon() {
      // Best effort: a temporary name harms nobody.
      await onItsWay.catch(() => undefined);
      await file?.close().catch(() => undefined);
      file = undefined;
      if (isThere) await files.unlink(temporary).catch(() => undefined);
      isThere = false;
    },
  };
}
