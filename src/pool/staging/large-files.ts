import type { Member } from '../../model/manifest.ts';
import { workerUrl } from '../../model/worker-url.ts';
import { type Crew, crew } from '../../threads/crew.ts';
import type { LargeOrder } from './large-task.ts';
import { directFrom } from './write-content.ts';

/** Large files of this machine on their way into a folder, one at a time, which a thread reads, hashes and writes while this one does the same with another. */
export interface LargeFiles {
  /** True for a file of so many bytes if it is worth it, and there is no other. */
  takes(bytes: number): boolean;
  /** Takes one. `done` gets it as it is staged, durable. Given up as soon as the signal is. */
  copy(order: LargeOrder, signal: AbortSignal | undefined, done: (member: Member) => void): void;
  /** Resolved = what was taken has come. Throws what it failed with. */
  all(): Promise<void>;
  /** Ends the thread, whatever it does. Never throws. */
  close(): Promise<void>;
}

/** Large files; the thread starts with the first one. */
export function largeFiles(): LargeFiles {
  let hands: Crew | undefined;
  let running: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const stop = (): void => void hands?.close();
  return {
    takes: (bytes) => running === undefined && bytes >= directFrom,
    copy(order, signal, done) {
      hands ??= crew(1);
      signal?.addEventListener('abort', stop, { once: true });
      running = hands
        .run<Member>(workerUrl('large-task'), order)
        .then(done)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          signal?.removeEventListener('abort', stop);
          running = undefined;
        });
    },
    async all() {
      await running;
      if (failure !== undefined) throw failure.error;
    },
    async close() {
      await hands?.close();
    },
  };
}
