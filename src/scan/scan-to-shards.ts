import { setImmediate } from 'node:timers/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { workerUrl } from '../model/worker-url.ts';
import { shardWriter } from '../shards/shard-writer.ts';
import type { Crew } from '../threads/crew.ts';
import { type ScanState, scanLedger } from './scan-ledger.ts';
import { type WalkOrder, walk } from './walk.ts';
import { walkInThreads } from './walk-in-threads.ts';

export interface ScanToShardsOptions {
  readonly crew: Crew;
  readonly files: FileOperations;
  readonly signal?: AbortSignal;
  /** Told now and then how many entries were seen so far, and how many bytes of content they have. */
  readonly progress?: (entries: number, bytes: number) => void;
  /** Goes on from here instead of beginning. */
  readonly from?: ScanState;
  /** Told each time that a shard was finished and what is left can be said. */
  readonly onShard?: (state: ScanState) => Promise<void>;
  readonly limits?: Partial<ScanLimits>;
}

export interface ScanLimits {
  /** A shard with so many rows is finished. */
  readonly shardRows: number;
  /** So long, in milliseconds, a scan goes on without threads; they are started when two thirds of it are over. */
  readonly alone: number;
  /** How much a thread does before it answers. */
  readonly milliseconds: number;
  readonly bytes: number;
}

const usual: ScanLimits = {
  shardRows: 200_000,
  alone: 240,
  milliseconds: 60,
  bytes: 4 << 20,
};
/** Short enough for a signal to be heard; it needs no more memory than this. */
const slice = { milliseconds: 10, bytes: 640 << 10 };

/**
 * Everything below the section's roots, as shards in a folder that is there: each entry once per disk that has it, in no order; what could not be
 * looked at; and directories that hold nothing. Changes nothing but the folder. A scan that is soon done needs no thread.
 * Rejects with `full` or `unavailable` if the shards cannot be written, and as the signal says; then the folder holds what was finished.
 */
export async function scanToShards(
  roots: readonly string[],
  folder: string,
  options: ScanToShardsOptions,
): Promise<ScanState> {
  const { crew, files, from, onShard, progress, signal } = options;
  const limits = { ...usual, ...options.limits };
  const writer = shardWriter({ files, folder, earlier: from?.shards ?? [] });
  const ledger = scanLedger({ roots, writer, shardRows: limits.shardRows, from, onShard, progress });
  try {
    const deadline = performance.now() + limits.alone;
    while (performance.now() < deadline) {
      signal?.throwIfAborted();
      const work = ledger.queue.take(1);
      if (work === undefined) break;
      const bytes = Math.min(slice.bytes, limits.bytes);
      await ledger.take(work, walk({ roots, work, milliseconds: slice.milliseconds, bytes }));
      if (ledger.queue.length() > 0 && performance.now() > deadline - limits.alone / 3) crew.warm();
      await setImmediate(); // lets signals and the progress line through
    }
    await walkInThreads(ledger, roots, crew, signal, (work) => {
      // A copy goes into the thread: the ledger must be able to say what is under way.
      const packed = Uint8Array.from(work.packed);
      const { milliseconds, bytes } = limits;
      const order: WalkOrder = { roots, work: { ...work, packed }, milliseconds, bytes };
      return crew.run(workerUrl('scan-task'), order, [packed.buffer]);
    });
    return await ledger.end();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
