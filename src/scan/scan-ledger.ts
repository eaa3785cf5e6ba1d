import { nameFromRaw } from '../model/byte-name.ts';
import type { EntryCounts } from '../shards/listing-file.ts';
import { rowLine } from '../shards/listing-row.ts';
import type { ShardWriter } from '../shards/shard-writer.ts';
import type { ListingShard } from '../shards/stored-listing.ts';
import { noEntries } from './entry-lines.ts';
import { type ScanQueue, scanQueue } from './scan-queue.ts';
import { unseenOf, type Walked } from './walk.ts';
import { type Work, workOf } from './work.ts';

/** How far a scan is: what stands in finished shards, and what is left to do. Exact: nothing of what is left is in a shard. */
export interface ScanState {
  readonly shards: readonly ListingShard[];
  readonly counts: EntryCounts;
  readonly unseen: number;
  readonly left: readonly Work[];
}

/** The books of a scan: what waits, what is under way, and what was found. */
export interface ScanLedger {
  readonly queue: ScanQueue;
  /** This work is in a thread now. */
  begin(work: Work): void;
  /** Takes in at once what was found of it; resolved = it is written. */
  take(work: Work, found: Walked): Promise<void>;
  /** The next directory that must be read piece by piece, if there is one; until `giantRead`, nobody can say what is left. */
  nextGiant(): Work | undefined;
  /** It was read to its end, or until an error. */
  giantRead(giant: Work, error?: unknown): Promise<void>;
  /** Finishes the last shard. */
  end(): Promise<ScanState>;
}

export interface LedgerOptions {
  readonly roots: readonly string[];
  readonly writer: ShardWriter;
  /** What becomes of lines before they are written; those of `take` are what it made. */
  readonly made: (lines: Uint8Array) => Uint8Array;
  /** A shard with so many rows is finished. */
  readonly shardRows: number;
  readonly from: ScanState | undefined;
  readonly onShard: ((state: ScanState) => Promise<void>) | undefined;
  readonly progress: ((entries: number, bytes: number) => void) | undefined;
}

/** The books of a scan that begins, or goes on from `from`. */
export function scanLedger({ roots, writer, made, shardRows, from, onShard, progress }: LedgerOptions): ScanLedger {
  const queue = scanQueue(from?.left ?? roots.map((_, disk) => workOf('suspects', disk, '', [''])));
  const inThreads = new Set<Work>();
  const giants: Work[] = [];
  const counts = { ...(from?.counts ?? noEntries()) };
  let entries = sumOf(counts);
  let unseen = from?.unseen ?? 0;
  let rows = 0;
  let giantIsOpen = false;
  let told: Promise<void> = Promise.resolve();

  const add = async (lines: Uint8Array, count: number): Promise<void> => {
    const written = writer.add(lines, count);
    rows += count;
    if (rows < shardRows) return written;
    rows = 0;
    const left = giantIsOpen ? undefined : [...queue.all(), ...giants, ...inThreads];
    const now = { counts: { ...counts }, unseen };
    const shards = await writer.finish();
    if (onShard === undefined || left === undefined) return;
    told = told.then(() => onShard({ ...now, shards, left }));
    await told;
  };

  return {
    queue,
    begin: (work) => void inThreads.add(work),
    take(work, found) {
      inThreads.delete(work);
      queue.add(found.rest);
      for (const path of found.giants) giants.push(workOf('suspects', work.disk, '', [path]));
      for (const key of Object.keys(counts) as (keyof EntryCounts)[]) counts[key] += found.counts[key];
      entries += sumOf(found.counts);
      unseen += found.unseen;
      progress?.(entries, counts.bytes);
      return add(found.lines, found.rows);
    },
    nextGiant() {
      const giant = giants.pop();
      giantIsOpen = giant !== undefined;
      return giant;
    },
    async giantRead(giant, error) {
      giantIsOpen = false;
      if (error === undefined) return;
      unseen += 1;
      const path = nameFromRaw(Buffer.from(giant.packed).toString('latin1'));
      const row = unseenOf(roots[giant.disk]!, path, error, true);
      await add(made(Buffer.from(rowLine(row, giant.disk))), 1);
    },
    async end() {
      return { shards: await writer.finish(), counts, unseen, left: [] };
    },
  };
}

function sumOf({ bytes: _, ...entries }: EntryCounts): number {
  return Object.values(entries).reduce((sum, one) => sum + one, 0);
}
