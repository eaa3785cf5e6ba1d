import { release } from 'node:os';
import type { OpenFile } from '../../durable/file-operations.ts';
import { isUtf8Name } from '../../model/byte-name.ts';
import { findProgram } from '../../programs/find-program.ts';
import { runProgram } from '../../programs/run-program.ts';

/** Makes files durable, and closes them, while the next ones are written. */
export interface Settler {
  /** Counts one more file, and says whether it is made durable at the end, with many others, and needs no fsync of its own. */
  leaves(bytes: number): boolean;
  /** Takes over a file that is written to its end and not left. Throws what an earlier one failed with. */
  take(file: OpenFile): Promise<void>;
  /** Resolved = all files that were counted are durable. */
  end(): Promise<void>;
}

/** From this many on, one syncfs(2) is a hundred times as quick as as many fsyncs. */
const fewFiles = 32;
/** What is this large is made durable at once, while others are still written. */
const largeBytes = 4 * 1024 * 1024;
const mostAtOnce = 4;

/** A settler for files below one folder. A few are fsynced one by one; of many, the large ones, and the rest with the whole file system. */
export function settler(folder: string): Settler {
  const running = new Set<Promise<void>>();
  const canSyncWhole = syncsWhole(folder);
  let counted = 0;
  let left = 0;
  let failure: { readonly error: unknown } | undefined;

  const sync = async (file: OpenFile): Promise<void> => {
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  };
  return {
    leaves(bytes) {
      counted += 1;
      const isLeft = counted > fewFiles && bytes < largeBytes && canSyncWhole;
      if (isLeft) left += 1;
      return isLeft;
    },
    async take(file) {
      if (failure !== undefined) {
        await file.close();
        throw failure.error;
      }
      const done: Promise<void> = sync(file)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(done));
      running.add(done);
      if (running.size >= mostAtOnce) await Promise.race(running);
    },
    async end() {
      await Promise.all(running);
      if (failure !== undefined) throw failure.error;
      // coreutils' `sync -f` is syncfs(2), and its status tells of what could not be written.
      if (left > 0) await runProgram('sync', ['-f', folder]);
      left = 0;
    },
  };
}

/** Before Linux 5.8 syncfs(2) told nobody of what could not be written. */
function syncsWhole(folder: string): boolean {
  if (process.platform !== 'linux' || !isUtf8Name(folder)) return false;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return (major > 5 || (major === 5 && minor >= 8)) && findProgram('sync') !== undefined;
}
