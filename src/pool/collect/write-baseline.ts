import type { FileOperations } from '../../durable/file-operations.ts';
import { publishOver } from '../../durable/publish-file.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { fileError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type BaselineHead, type BaselineTail, baselineFormat } from './baseline.ts';
import { type KnownFile, lineOf } from './known-file.ts';
import { compareWalked } from './walk-order.ts';

/** Writes a baseline while its files are found. */
export interface BaselineWriter {
  /** One more file. Resolved = the next may come. Rejects with `full` or `unavailable`. */
  add(path: string, file: KnownFile): Promise<void>;
  /** Gives the file its name, whole and durable; one that is there is replaced. */
  publish(): Promise<void>;
  /** Removes what was written, unless it was published. */
  discard(): Promise<void>;
}

const chunkLength = 256 * 1024;

/** Begins a baseline. Until it is published nothing has its name. */
export async function writeBaseline(files: FileOperations, path: string, weekOf: string): Promise<BaselineWriter> {
  const failing = (error: unknown) => fileError(`cannot write '${displayName(path)}'`, error);
  const temporary = temporaryName(path);
  const file = await files.open(temporary, 'wx', 0o600).catch((error: unknown) => {
    throw failing(error);
  });
  const head: BaselineHead = { format: baselineFormat, version: 2, weekOf };
  let text = `${JSON.stringify(head)}\n`;
  let count = 0;
  let ordered = true;
  let last: string | undefined;
  let isOpen = true;
  let isPublished = false;

  const flush = async () => {
    const bytes = Buffer.from(text, 'utf8');
    text = '';
    await file.write(bytes);
  };
  return {
    async add(name, known) {
      if (last !== undefined && ordered && compareWalked(last, name) >= 0) ordered = false;
      last = name;
      count += 1;
      text += lineOf(name, known);
      if (text.length < chunkLength) return;
      await flush().catch((error: unknown) => {
        throw failing(error);
      });
    },
    async publish() {
      try {
        const tail: BaselineTail = { files: count, ordered };
        text += `${JSON.stringify(tail)}\n`;
        await flush();
        await file.sync();
        isOpen = false;
        await file.close();
        await publishOver(files, temporary, path);
        isPublished = true;
      } catch (error) {
        throw failing(error);
      }
    },
    async discard() {
      if (isOpen) await file.close().catch(() => undefined);
      if (!isPublished) await files.unlink(temporary).catch(() => undefined);
    },
  };
}
