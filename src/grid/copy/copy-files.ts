import type { CopyEvent } from './copy-event.ts';
import type { CopyJob } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';
import { downloadFile } from './download-file.ts';
import { uploadFile } from './upload-file.ts';

const defaultJobs = 8;

/**
 * Copies files, several at once, and tells what becomes of each. What cannot be copied is a `failed` event and keeps no other from being copied. When it is stopped, by its
 * signal or by who reads it, nothing new is begun, and it ends when all that is under way has come to its end.
 */
export async function* copyFiles(
  parts: CopyParts,
  jobs: Iterable<CopyJob> | AsyncIterable<CopyJob>,
  options: CopyOptions = {},
): AsyncGenerator<CopyEvent, void, undefined> {
  const { signal, jobs: most = defaultJobs } = options;
  const source: Iterator<CopyJob> | AsyncIterator<CopyJob> =
    Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  const told: CopyEvent[] = [];
  let wake: () => void = () => undefined;
  const tell = (event: CopyEvent): void => {
    told.push(event);
    wake();
  };
  let next: Promise<IteratorResult<CopyJob>> | undefined;
  let isOver = false;
  let underWay = 0;
  let fault: { readonly error: unknown } | undefined;

  const begin = (job: CopyJob): void => {
    underWay += 1;
    const work =
      job.kind === 'upload' ? uploadFile(parts, job, options, tell) : downloadFile(parts, job, options, tell);
    work
      .catch((error: unknown) => {
        fault ??= { error };
      })
      .finally(() => {
        underWay -= 1;
        wake();
      });
  };
  const pull = (): void => {
    if (next !== undefined || isOver || underWay >= most || signal?.aborted || fault !== undefined) return;
    next = Promise.resolve(source.next());
    next
      .then(({ done, value }) => {
        next = undefined;
        if (done) isOver = true;
        else if (!signal?.aborted && fault === undefined) begin(value);
        pull();
      })
      .catch((error: unknown) => {
        next = undefined;
        isOver = true;
        fault ??= { error };
      })
      .finally(() => wake());
  };

  try {
    for (;;) {
      pull();
      yield* told.splice(0);
      if (told.length > 0) continue;
      if (underWay === 0 && next === undefined && (isOver || signal?.aborted || fault !== undefined)) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    isOver = true;
    while (underWay > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await source.return?.();
  }
  if (fault !== undefined) throw fault.error;
}
