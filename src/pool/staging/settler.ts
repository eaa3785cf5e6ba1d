import type { OpenFile } from '../../durable/file-operations.ts';
import { fewFiles, syncFileSystem, syncsFileSystem } from '../../durable/sync-file-system.ts';

/** Makes files durable, and closes them, while the next ones are written. */
export interface Settler {
  /** Counts one more file, and says whether it is made durable at the end, with many others, and needs no fsync of its own. */
  leaves(bytes: number): boolean;
  /** Counts many, as small as those that are left; false if this cannot be, and then they are not counted. */
  leavesMany(files: number): boolean;
  /** Takes over a file of so many bytes that is written to its end and not left. Throws what an earlier one failed with. */
  take(file: OpenFile, bytes: number): Promise<void>;
  /** Resolved = all files that were counted are durable. */
  end(): Promise<void>;
  /** Closes what no end was asked for. Never throws. */
  close(): Promise<void>;
}

/** What is this large is made durable at once, while others are still written. */
const largeBytes = 4 * 1024 * 1024;
const mostAtOnce = 4;

/** A settler for files below one folder. A few are fsynced one by one, at the end if they are small; of many, the large ones, and the rest with the whole file system. */
export function settler(folder: string): Settler {
  const running = new Set<Promise<void>>();
  const canSyncWhole = syncsFileSystem(folder);
  /** The first small ones, until it is known whether more come. */
  const held: OpenFile[] = [];
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
  const begin = (file: OpenFile): void => {
    const done: Promise<void> = sync(file)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(done));
    running.add(done);
  };
  return {
    leaves(bytes) {
      counted += 1;
      const isLeft = counted > fewFiles && bytes < largeBytes && canSyncWhole;
      if (isLeft) left += 1;
      return isLeft;
    },
    leavesMany(files) {
      if (!canSyncWhole) return false;
      counted += files;
      left += files;
      return true;
    },
    async take(file, bytes) {
      if (failure !== undefined) {
        await file.close();
        throw failure.error;
      }
      if (bytes < largeBytes && canSyncWhole && held.length < fewFiles) {
        held.push(file);
        return;
      }
      begin(file);
      if (running.size >= mostAtOnce) await Promise.race(running);
    },
    async end() {
      const some = held.splice(0);
      for (const file of some) {
        // The file system has them all in one step.
        if (left > 0) await file.close();
        else {
          begin(file);
          if (running.size >= mostAtOnce) await Promise.race(running);
        }
      }
      await Promise.all(running);
      if (failure !== undefined) throw failure.error;
      if (left > 0) await syncFileSystem(folder);
      left = 0;
    },
    async close() {
      await Promise.allSettled([...running, ...held.splice(0).map((file) => file.close())]);
    },
  };
}
