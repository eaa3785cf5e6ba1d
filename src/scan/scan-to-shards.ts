import { setImmediate } from 'node:timers/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { workerUrl } from '../model/worker-url.ts';
import { type ShardWriter, shardWriter } from '../shards/shard-writer.ts';
import type { Crew } from '../threads/crew.ts';
import { type ScanState, scanLedger } from './scan-ledger.ts';
import { type Walked, type WalkOrder, walk } from './walk.ts';
import { walkInThreads } from './walk-in-threads.ts';
import type { Work } from './work.ts';

export interface ScanOptions {
  readonly crew: Crew;
  readonly signal?: AbortSignal;
  /** Told now and then how many entries were seen so far, and how many bytes of content they have. */
  readonly progress?: (entries: number, bytes: number) => void;
  /** Goes on from here instead of beginning. */
  readonly from?: ScanState;
  /** Told each time that a shard was finished and what is left can be said. */
  readonly onShard?: (state: ScanState) => Promise<void>;
  readonly limits?: Partial<ScanLimits>;
  /** The number of the root in which the process stands (stand-in.ts). */
  readonly standsIn?: number | undefined;
}

export interface ScanToShardsOptions extends ScanOptions {
  readonly files: FileOperations;
}

/** Where a scan goes. */
export interface ScanSink {
  /** Takes what was found, in any order, and is told to finish a part now and then. */
  readonly writer: ShardWriter;
  /** The task that walks in a thread: it answers as `scan-task` does, with what `walk` finds. */
  readonly task: string;
  /** Walks in this thread. */
  walk(order: WalkOrder): Walked;
  /** What becomes of lines of a listing, of what no walk has seen, before they are written. */
  made(lines: Uint8Array): Uint8Array;
}

export interface ScanLimits {
  /** A shard with so many rows is finished. */
  readonly shardRows: number;
  /** So long at most, in milliseconds, a scan goes on without threads; they are started when a twelfth of it is over, if they are not there. */
  readonly alone: number;
  /** So long at most, in milliseconds, this thread walks beside all threads but one, which need not be started for less. Then that one takes over. */
  readonly beside: number;
  /** How much a thread does before it answers. */
  readonly milliseconds: number;
  readonly bytes: number;
}

/** What a thread has left when its time is over goes to those that wait: in a longer time they would wait longer than messages cost. */
const usual: ScanLimits = {
  shardRows: 200_000,
  alone: 240,
  beside: 1500,
  milliseconds: 15,
  bytes: 4 << 20,
};
/** Short enough for a signal to be heard; it needs no more memory than this. */
const slice = { milliseconds: 10, bytes: 640 << 10 };

/**
 * Everything below the section's roots, as shards in a folder that is there: each entry once per disk that has it, in no order; what could not be
 * looked at; and directories that hold nothing. Changes nothing but the folder. A scan that is soon done needs no thread.
 * Rejects with `full` or `unavailable` if the shards cannot be written, and as the signal says; then the folder holds what was finished.
 */
export function scanToShards(
  roots: readonly string[],
  folder: string,
  { files, ...options }: ScanToShardsOptions,
): Promise<ScanState> {
  const writer = shardWriter({ files, folder, earlier: options.from?.shards ?? [] });
  return scanInto(roots, { writer, task: 'scan-task', walk, made: (lines) => lines }, options);
}

/** The same, into what takes the lines of it; which is abandoned if the scan fails. */
export async function scanInto(
  roots: readonly string[],
  { writer, task: name, walk: walkHere, made }: ScanSink,
  options: ScanOptions,
): Promise<ScanState> {
  const { crew, from, onShard, progress, signal, standsIn } = options;
  const limits = { ...usual, ...options.limits };
  const ledger = scanLedger({ roots, writer, made, shardRows: limits.shardRows, from, onShard, progress });
  const task = workerUrl(name);
  const all = crew.size;
  const isHere = all > 1 && limits.alone > 0 && limits.beside > 0 && !crew.isReady();
  const begun = performance.now();
  const walkSlice = (work: Work) => {
    signal?.throwIfAborted();
    const bytes = Math.min(slice.bytes, limits.bytes);
    return walkHere({ roots, standsIn, work, milliseconds: slice.milliseconds, bytes });
  };
  try {
    if (isHere) crew.allow(all - 1);
    while (performance.now() < begun + limits.alone && !crew.isReady()) {
      signal?.throwIfAborted();
      const work = ledger.queue.take(1);
      if (work === undefined) break;
      await ledger.take(work, walkSlice(work));
      if (ledger.queue.length() > 0 && performance.now() > begun + limits.alone / 12) crew.warm(task);
      await setImmediate(); // lets signals and the progress line through
    }
    const threads = {
      crew,
      run(work: Work) {
        // A copy goes into the thread: the ledger must be able to say what is under way.
        const packed = Uint8Array.from(work.packed);
        const { milliseconds, bytes } = limits;
        const order: WalkOrder = { roots, standsIn, work: { ...work, packed }, milliseconds, bytes };
        return crew.run<Walked>(task, order, [packed.buffer]);
      },
    };
    const here = {
      walk: walkSlice,
      goesOn() {
        if (!isHere || (crew.isReady() && crew.size === all)) return false;
        if (performance.now() < begun + limits.beside) return true;
        crew.allow(all);
        crew.warm(task);
        return true;
      },
    };
    await walkInThreads(ledger, roots, threads, here, signal);
    return await ledger.end();
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    if (isHere) crew.allow(all);
  }
}
