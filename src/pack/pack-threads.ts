import { workerUrl } from '../model/worker-url.ts';
import type { Crew } from '../threads/crew.ts';
import type { BatchInput } from './batch-task.ts';
import { type PackedBatch, packBatch } from './pack-batch.ts';
import type { PackItem } from './pack-item.ts';
import { smallBatch } from './small-batch.ts';

/** Threads that pack small files beside this one, and the memory that travels between them. */
export interface PackThreads {
  /** How many batches may be with the threads: one at work and one waiting for each. */
  readonly ahead: number;
  /** Packs in a thread. */
  pack(items: readonly PackItem[]): Promise<PackedBatch>;
  /** Packs here, at once. */
  packHere(items: readonly PackItem[]): PackedBatch;
  /** Gives memory back, once nobody reads it any more. */
  release(memory: ArrayBuffer): void;
}

/** How much memory goes back and forth at once: so much that a message is cheap beside the work, so little that it stays in the processor's cache. */
export const batchBytes = 2 << 20;

/** Threads that pack, in this crew. */
export function packThreads(crew: Crew): PackThreads {
  const task = workerUrl('batch-task');
  const ahead = 2 * crew.size;
  // A page that was never touched costs more than reading a small file into it.
  const memories: ArrayBuffer[] = [];
  const take = () => memories.pop() ?? new ArrayBuffer(batchBytes);
  return {
    ahead,
    pack(items) {
      const memory = take();
      return crew.run<PackedBatch>(task, { batch: smallBatch(items), memory } satisfies BatchInput, [memory]);
    },
    packHere: (items) => packBatch(items, items.length, take()),
    release(memory) {
      if (memories.length < 2 * ahead) memories.push(memory);
    },
  };
}
