import { setMaxListeners } from 'node:events';
import type { CopyEvent } from './copy-event.ts';
import type { CopyJob, Download } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';
import { downloadFile } from './download-file.ts';
import { turns } from './turns.ts';
import { smallBytes } from './upload/content.ts';
import { type UploadRun, uploadRun } from './upload/upload-run.ts';
import { uploadIn } from './upload-file.ts';

const defaultJobs = 8;
/** A large file weighs as much as so many small ones, whose time goes for journeys. */
const largeWeight = 4;
/** Large files whose digest is being taken, or was taken and they wait for their turn. */
const digestsAhead = 2;
/** Files that are looked up, opened and digested before their turn comes. */
const filesAhead = 16;

/** Files that are here and wait for the disk: more of them at a time cost it no more. */
const settlingAtMost = 256;

/** Events that nobody has taken yet, before nothing new is begun. */
const eventsAhead = 1000;

/**
 * Copies files, several at once, and tells what becomes of each. What cannot be copied is a `failed` event and keeps no other from being copied. When it is stopped, by its
 * signal or by who reads it, nothing new is begun, and it ends when all that is under way has come to its end.
 */
export async function* copyFiles(
  parts: CopyParts,
  jobs: Iterable<CopyJob> | AsyncIterable<CopyJob>,
  given: CopyOptions = {},
): AsyncGenerator<CopyEvent, void, undefined> {
  const options = heardByMany(given);
  const { signal, jobs: atOnce = defaultJobs } = options;
  const source: Iterator<CopyJob> | AsyncIterator<CopyJob> =
    Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  // Who wants one file after the other gets that.
  const large = atOnce === 1 ? 1 : largeWeight;
  const sending = turns(atOnce * large);
  const digesting = turns(digestsAhead);
  const most = atOnce * large + filesAhead;
  const told: CopyEvent[] = [];
  let wake: () => void = () => undefined;
  let run: UploadRun | undefined;
  let next: Promise<unknown> | undefined;
  let isOver = false;
  let underWay = 0;
  let settling = 0;
  let fault: { readonly error: unknown } | undefined;

  const tell = (event: CopyEvent): void => {
    told.push(event);
    wake();
  };
  const weightOf = (bytes: number | undefined): number => (bytes !== undefined && bytes <= smallBytes ? 1 : large);
  const stop = (): void => {
    isOver = true;
    sending.stop();
    digesting.stop();
    wake();
  };
  const fail = (error: unknown): void => {
    fault ??= { error };
    stop();
  };

  async function download(job: Download): Promise<void> {
    const over = await sending.take(weightOf(job.known?.bytes));
    if (over === undefined) return;
    let isHere = false;
    // Another one may use the lines while this one waits for the disk.
    const arrived = (): void => {
      isHere = true;
      settling += 1;
      over();
      pull();
    };
    await downloadFile(parts, job, options, tell, arrived).finally(() => {
      if (isHere) settling -= 1;
      else over();
    });
  }
  function begin(job: CopyJob): void {
    underWay += 1;
    run ??= uploadRun(parts, options, tell);
    const work =
      job.kind === 'download'
        ? download(job)
        : uploadIn(run, job, tell, {
            digest: (bytes) => (bytes <= smallBytes ? Promise.resolve(() => undefined) : digesting.take(1)),
            send: (bytes) => sending.take(weightOf(bytes)),
          });
    work.catch(fail).finally(() => {
      underWay -= 1;
      wake();
    });
  }
  function pull(): void {
    const isFull = underWay - settling >= most || settling >= settlingAtMost;
    if (next !== undefined || isOver || isFull || told.length > eventsAhead) return;
    next = Promise.resolve()
      .then(() => source.next())
      .then(({ done, value }) => {
        if (done) isOver = true;
        else if (!isOver) begin(value);
      })
      .catch(fail)
      .finally(() => {
        next = undefined;
        pull();
        wake();
      });
  }
  const untilWoken = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });

  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    for (;;) {
      pull();
      yield* told.splice(0);
      if (told.length > 0) continue;
      if (underWay === 0 && next === undefined && isOver) break;
      await untilWoken();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    while (underWay > 0 || next !== undefined) await untilWoken();
    await run?.close();
    await source.return?.();
  }
  yield* told.splice(0);
  if (fault !== undefined) throw fault.error;
}

/** All files that are under way listen to one signal, more of them than Node takes for sound: one of our own, so that it does not warn the user of that. */
function heardByMany(options: CopyOptions): CopyOptions {
  if (options.signal === undefined) return options;
  const signal = AbortSignal.any([options.signal]);
  setMaxListeners(0, signal);
  return { ...options, signal };
}
