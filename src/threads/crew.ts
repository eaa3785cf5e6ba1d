import { Worker } from 'node:worker_threads';
import { StowageError } from '../errors.ts';
import { workerUrl } from '../model/worker-url.ts';
import { errorFromData } from './error-data.ts';
import type { Answer, Order, Transferable } from './order.ts';

/** Threads that do one task after the other, each in whichever thread is free. */
export interface Crew {
  /** How many tasks can run at once. */
  readonly size: number;
  /**
   * Runs the default export of a task's module on `input` in a free thread; tasks begin in the order of the calls. `task` is where its module
   * was built (model/worker-url.ts). What is in `transfer` belongs to the thread from now on. Rejects with what the task throws; with `interrupted` after `close`.
   */
  run<Output>(task: URL, input: unknown, transfer?: readonly Transferable[]): Promise<Output>;
  /** Starts the threads now, so that the first tasks need not wait for them. */
  warm(): void;
  /** Ends the threads, whatever they do; what they have not answered rejects. Idempotent. */
  close(): Promise<void>;
}

interface Job {
  readonly order: Order;
  readonly transfer: readonly Transferable[];
  readonly resolve: (output: never) => void;
  readonly reject: (error: unknown) => void;
}

interface Hand {
  readonly worker: Worker;
  job: Job | undefined;
}

export interface CrewOptions {
  /** What each thread's own objects may take, in MiB; without it, what Node gives. */
  readonly heapMebibytes?: number;
}

/** A crew of up to `size` threads. They start when there is work, and an idle one does not keep the process alive. */
export function crew(size: number, { heapMebibytes }: CrewOptions = {}): Crew {
  const limits = heapMebibytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMebibytes } };
  const hands: Hand[] = [];
  const waiting: Job[] = [];
  let closed = false;

  const hire = (): Hand => {
    const worker = new Worker(workerUrl('thread'), limits);
    const hand: Hand = { worker, job: undefined };
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const job = hand.job;
      hand.job = undefined;
      worker.unref();
      if ('error' in answer) job?.reject(errorFromData(answer.error));
      else job?.resolve(answer.output as never);
      dispatch();
    });
    const lose = (cause: unknown) => {
      const at = hands.indexOf(hand);
      if (at >= 0) hands.splice(at, 1);
      hand.job?.reject(closed ? stopped() : lost(cause));
      hand.job = undefined;
      if (!closed) dispatch();
    };
    worker.on('error', lose);
    worker.on('exit', (code) => lose(new Error(`the thread ended with ${code}`)));
    hands.push(hand);
    return hand;
  };

  const dispatch = () => {
    while (waiting.length > 0) {
      const hand = hands.find((one) => one.job === undefined) ?? (hands.length < size ? hire() : undefined);
      if (hand === undefined) return;
      const job = waiting.shift()!;
      hand.job = job;
      hand.worker.ref();
      try {
        hand.worker.postMessage(job.order, job.transfer as Transferable[]);
      } catch (error) {
        // What cannot be copied into a thread is a fault of ours; the thread itself has not seen it.
        hand.job = undefined;
        hand.worker.unref();
        job.reject(error);
      }
    }
  };

  return {
    size,
    run(task, input, transfer = []) {
      if (closed) return Promise.reject(stopped());
      return new Promise((resolve, reject) => {
        waiting.push({ order: { module: task.href, input }, transfer, resolve, reject });
        dispatch();
      });
    },
    warm() {
      while (!closed && hands.length < size) hire();
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(stopped());
      await Promise.all(hands.map((hand) => hand.worker.terminate()));
    },
  };
}

function stopped(): StowageError {
  return new StowageError('interrupted', 'stopped before all was done', { hint: 'run the same command again' });
}

function lost(cause: unknown): StowageError {
  const full = (cause as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
  return full
    ? new StowageError('unavailable', 'a thread ran out of memory', {
        hint: 'use fewer threads with --jobs, or give Node more with NODE_OPTIONS=--max-old-space-size=4096',
        cause,
      })
    : new StowageError('bug', 'a thread ended in the middle of its work', { cause });
}
