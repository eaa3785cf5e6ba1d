import { dirname } from 'node:path';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { FileOperations, OpenFile } from './file-operations.ts';

/**
 * A file that only grows, with one writer. Calls may overlap: they are done in order. After a failed write or fsync every call
 * fails with that first error, because nobody knows any more what is on the medium.
 */
export interface AppendFile {
  /** Takes the text, or its bytes, into memory; throws the first error, if there was one. */
  append(text: string | Uint8Array): void;
  /** Resolved = all that was appended has been handed to the system: it survives our death, but not that of the machine. */
  flush(): Promise<void>;
  /** Resolved = all that was appended before the call is durable. */
  commit(): Promise<void>;
  /** Commits what is left and closes. The handle is given back even if it rejects. Closing again does nothing. */
  close(): Promise<void>;
}

/** Creates a new append-only file; its name is durable when this resolves. Rejects with `exists` if the name is taken. */
export async function appendFile(files: FileOperations, path: string): Promise<AppendFile> {
  const what = `cannot write '${displayName(path)}'`;
  let file: OpenFile;
  try {
    file = await files.open(path, 'ax');
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError(what, error);
    throw new StowageError('exists', `'${displayName(path)}' already exists`, { cause: error });
  }
  try {
    await files.syncFolder(dirname(path));
  } catch (error) {
    await file.close().catch(() => undefined);
    await files.unlink(path).catch(() => undefined);
    throw fileError(what, error);
  }
  return appender(file, what);
}

function appender(file: OpenFile, what: string): AppendFile {
  let waiting: (string | Uint8Array)[] = [];
  let unsynced = false;
  let broken: StowageError | undefined;
  let closed: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const inOrder = (step: () => Promise<void>): Promise<void> => {
    const done = last.then(async () => {
      if (broken !== undefined) throw broken;
      try {
        await step();
      } catch (error) {
        broken = fileError(what, error);
        throw broken;
      }
    });
    last = done.catch(() => undefined);
    return done;
  };
  const refuseClosed = (): void => {
    if (closed !== undefined) throw new StowageError('bug', `${what}: it is closed`);
  };
  const write = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const data = bytesOf(waiting);
    waiting = [];
    unsynced = true;
    await file.write(data);
  };
  const writeAndSync = async (): Promise<void> => {
    await write();
    if (!unsynced) return;
    await file.sync();
    unsynced = false;
  };
  return {
    append(text) {
      if (broken !== undefined) throw broken;
      refuseClosed();
      if (text.length > 0) waiting.push(text);
    },
    async flush() {
      refuseClosed();
      await inOrder(write);
    },
    async commit() {
      refuseClosed();
      await inOrder(writeAndSync);
    },
    close() {
      closed ??= inOrder(writeAndSync).then(
        () => inOrder(() => file.close()),
        async (error) => {
          await file.close().catch(() => undefined);
          throw error;
        },
      );
      return closed;
    },
  };
}

/** Text in one go: a conversion for each line would take longer than the lines. */
function bytesOf(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  let text: string[] = [];
  const take = () => {
    if (text.length > 0) pieces.push(Buffer.from(text.join(''), 'utf8'));
    text = [];
  };
  for (const part of parts) {
    if (typeof part === 'string') text.push(part);
    else {
      take();
      pieces.push(part);
    }
  }
  take();
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
