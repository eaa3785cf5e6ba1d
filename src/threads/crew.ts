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
  /** Starts the threads now, or only so many of them, so that the first tasks need not wait for them; with a task, they load its module as well. */
  warm(task?: URL, threads?: number): void;
  /** Until it is told otherwise there are no more than so many threads to it, unless there are already: `size` is that. */
  allow(threads: number): void;
  /** Has so many of the threads that are there load a task's module as well, behind what they have to do. */
  prepare(task: URL, threads: number): void;
  /** Goes on with so many threads, each with so many tasks at once (`tasksInHand`), and ends the others. Only for a crew that has nothing to do. */
  keep(size: number, tasksInHand: number): Promise<void>;
  /** True if all threads are there, and have answered before: who is asked now begins at once. */
  isReady(): boolean;
  /** True if any of the threads has answered before. */
  isWarm(): boolean;
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
  /** What it was given and has not answered, in order. */
  readonly jobs: Job[];
  hasAnswered: boolean;
}

export interface CrewOptions {
  /** What each thread's own objects may take, in MiB; without it, what Node gives. */
  readonly heapMebibytes?: number;
  /**
   * How many tasks a thread has at once: one at work, and those that lie ready in it, so that it need not wait until this thread has time to give it
   * the next. For tasks that all take about as long. 1 if absent.
   */
  readonly tasksInHand?: number;
}

/** A crew of up to `size` threads. They start when there is work, and an idle one does not keep the process alive. */
export function crew(size: number, { heapMebibytes, tasksInHand = 1 }: CrewOptions = {}): Crew {
  let most = size;
  let atOnce = tasksInHand;
  const limits = heapMebibytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMebibytes } };
  const hands: Hand[] = [];
  const waiting: Job[] = [];
  let closed = false;

  const hire = (): Hand => {
    const worker = new Worker(workerUrl('thread'), limits);
    const hand: Hand = { worker, jobs: [], hasAnswered: false };
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const job = hand.jobs.shift();
      hand.hasAnswered = true;
      if (hand.jobs.length === 0) worker.unref();
      if ('error' in answer) job?.reject(errorFromData(answer.error));
      else job?.resolve(answer.output as never);
      dispatch();
    });
    const lose = (cause: unknown) => {
      const at = hands.indexOf(hand);
      if (at >= 0) hands.splice(at, 1);
      for (const job of hand.jobs.splice(0)) job.reject(closed ? stopped() : lost(cause));
      if (!closed) dispatch();
    };
    worker.on('error', lose);
    worker.on('exit', (code) => lose(new Error(`the thread ended with ${code}`)));
    hands.push(hand);
    return hand;
  };

  /** One that has nothing to do, a new one, or the one with the least to do. */
  const nextHand = (): Hand | undefined => {
    const least = hands.reduce<Hand | undefined>(
      (best, one) => (best === undefined || one.jobs.length < best.jobs.length ? one : best),
      undefined,
    );
    if (least?.jobs.length === 0) return least;
    if (hands.length < most) return hire();
    return least !== undefined && least.jobs.length < atOnce ? least : undefined;
  };

  const load = (hand: Hand, task: URL) => {
    const order: Order = { module: task.href };
    // If it cannot be loaded, whoever gives the task is told.
    hand.jobs.push({ order, transfer: [], resolve: () => undefined, reject: () => undefined });
    hand.worker.postMessage(order);
  };

  const dispatch = () => {
    while (waiting.length > 0) {
      const hand = nextHand();
      if (hand === undefined) return;
      const job = waiting.shift()!;
      hand.jobs.push(job);
      hand.worker.ref();
      try {
        hand.worker.postMessage(job.order, job.transfer as Transferable[]);
      } catch (error) {
        // What cannot be copied into a thread is a fault of ours; the thread itself has not seen it.
        hand.jobs.pop();
        if (hand.jobs.length === 0) hand.worker.unref();
        job.reject(error);
      }
    }
  };

  return {
    get size() {
      return most;
    },
    run(task, input, transfer = []) {
      if (closed) return Promise.reject(stopped());
      return new Promise((resolve, reject) => {
        waiting.push({ order: { module: task.href, input }, transfer, resolve, reject });
        dispatch();
      });
    },
    warm(task, threads = most) {
      while (!closed && hands.length < Math.min(threads, most)) {
        const hand = hire();
        if (task !== undefined) load(hand, task);
      }
    },
    allow(threads) {
      most = threads;
      if (!closed) dispatch();
    },
    prepare(task, threads) {
      if (!closed) for (const hand of hands.slice(0, threads)) load(hand, task);
    },
    async keep(threads, tasks) {
      most = threads;
      atOnce = tasks;
      await Promise.all(hands.splice(threads).map((hand) => hand.worker.terminate()));
    },
    isReady: () => hands.length >= most && hands.every(({ hasAnswered }) => hasAnswered),
    isWarm: () => hands.some(({ hasAnswered }) => hasAnswered),
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
