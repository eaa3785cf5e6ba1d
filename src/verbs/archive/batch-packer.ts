import { workerUrl } from '../../model/worker-url.ts';
import { type Crew, crew } from '../../threads/crew.ts';
import { type BatchInput, type BatchOutput, packLines } from './batch-task.ts';

/** Packs batches of small files, in threads and here, in memory that travels between them. */
export interface BatchPacker {
  /** How many batches may be with the threads, at work or waiting. */
  readonly ahead: number;
  /** Packs in a thread. */
  pack(batch: Omit<BatchInput, 'memory'>): Promise<BatchOutput>;
  /** Packs here, at once. */
  packHere(batch: Omit<BatchInput, 'memory'>): BatchOutput;
  /** Gives memory back, once nobody looks at it any more. */
  release(memory: ArrayBuffer): void;
  /** Has threads of a crew that is at work be ready for packing: to be called once, when it is likely that `takeOver` follows. */
  prepare(hands: Crew): void;
  /** Packs in threads of this crew, which has nothing to do any more, instead of starting its own: that takes as long as reading thousands of small files. */
  takeOver(hands: Crew): Promise<void>;
  /** Ends the threads. Idempotent. */
  close(): Promise<void>;
}

/** How much memory goes back and forth at once: so much that a message is cheap beside the work, so little that it stays in the processor's cache. */
export const batchBytes = 1 << 20;

const tasksInHand = 2;

/** A packer with so many threads, its own unless it takes over others. */
export function batchPacker(size: number): BatchPacker {
  const task = workerUrl('batch-task');
  let threads = crew(size, { tasksInHand });
  const ahead = (tasksInHand + 1) * size;
  // A page that was never touched costs more than reading a small file into it.
  const memories: ArrayBuffer[] = [];
  const take = () => memories.pop() ?? new ArrayBuffer(batchBytes);
  return {
    ahead,
    pack(batch) {
      const memory = take();
      return threads.run<BatchOutput>(task, { ...batch, memory } satisfies BatchInput, [memory]);
    },
    packHere: (batch) => packLines({ ...batch, memory: take() }),
    release(memory) {
      if (memories.length < 2 * ahead) memories.push(memory);
    },
    prepare: (hands) => hands.prepare(task, size),
    async takeOver(hands) {
      await hands.keep(size, tasksInHand);
      threads = hands;
    },
    close: () => threads.close(),
  };
}
