import { setImmediate } from 'node:timers/promises';
import type { Crew } from '../threads/crew.ts';
import { giantDirectory } from './giant-directory.ts';
import type { ScanLedger } from './scan-ledger.ts';
import type { Walked } from './walk.ts';
import type { Work } from './work.ts';

/** Walks in a thread of the crew. */
export interface ThreadWalks {
  readonly crew: Crew;
  run(work: Work): Promise<Walked>;
}

/** Walks in this thread, for a moment, as long as it goes on. */
export interface WalksHere {
  goesOn(): boolean;
  walk(work: Work): Walked;
}

/** Does all that waits in the ledger, in threads and here; giants are read here meanwhile. Rejects with the first failure. */
export async function walkInThreads(
  ledger: ScanLedger,
  roots: readonly string[],
  { crew, run }: ThreadWalks,
  here: WalksHere,
  signal: AbortSignal | undefined,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let walks = 0;
  let giant: { readonly work: Work; readonly pieces: AsyncGenerator<Work>; waits: boolean } | undefined;

  let failed: { readonly error: unknown } | undefined;
  const begin = (step: Promise<void>) => {
    const done: Promise<void> = step.finally(() => underWay.delete(done));
    done.catch((error: unknown) => {
      failed ??= { error };
    });
    underWay.add(done);
  };
  const walkOne = async (work: Work) => {
    ledger.begin(work);
    walks += 1;
    await ledger.take(work, await run(work));
    walks -= 1;
  };
  const readOn = async (reading: NonNullable<typeof giant>) => {
    reading.waits = true;
    try {
      const piece = await reading.pieces.next();
      reading.waits = false;
      if (piece.done !== true) {
        ledger.queue.add([piece.value]);
        return;
      }
    } catch (error) {
      giant = undefined;
      await ledger.giantRead(reading.work, error);
      return;
    }
    giant = undefined;
    await ledger.giantRead(reading.work);
  };
  const aborted = abortOf(signal);
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (failed !== undefined) throw failed.error;
      const isHere = here.goesOn();
      // Twice as many as there are threads: the next piece of work lies ready when one is done.
      const slots = crew.size * 2;
      while (walks < slots) {
        const work = ledger.queue.take(slots - walks + (isHere ? 1 : 0));
        if (work === undefined) break;
        begin(walkOne(work));
      }
      giant ??= openGiant(ledger.nextGiant(), roots);
      if (giant !== undefined && !giant.waits && ledger.queue.length() < slots) begin(readOn(giant));
      const work = isHere ? ledger.queue.take(1) : undefined;
      if (work !== undefined) {
        ledger.begin(work);
        await ledger.take(work, here.walk(work));
        await setImmediate(); // what came from threads meanwhile is heard, and signals
        continue;
      }
      if (underWay.size === 0) return;
      await Promise.race([...underWay, aborted.promise]);
    }
  } finally {
    aborted.end();
    // Closes the directory, as soon as it answers.
    giant?.pieces.return(undefined).catch(() => undefined);
  }
}

function openGiant(work: Work | undefined, roots: readonly string[]) {
  if (work === undefined) return undefined;
  const directory = Buffer.from(work.packed).toString('latin1');
  return { work, pieces: giantDirectory(roots[work.disk]!, work.disk, directory), waits: false };
}

/** Rejects when the signal says so: a thread may be stuck in a file system that does not answer. */
function abortOf(signal: AbortSignal | undefined): { readonly promise: Promise<never>; end(): void } {
  let onAbort = () => {};
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => undefined);
  return { promise, end: () => signal?.removeEventListener('abort', onAbort) };
}
