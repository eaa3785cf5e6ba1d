import { isStowageError } from '../../errors.ts';
import { errnoOf } from '../errno.ts';
import type { CopyEvent } from './copy-event.ts';
import type { Upload } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';
import type { Over } from './turns.ts';
import { replicasOf } from './upload/commit-replica.ts';
import type { Content } from './upload/content.ts';
import type { LeftUpload } from './upload/left-uploads.ts';
import { type LocalFile, openLocalFile } from './upload/local-file.ts';
import { planUpload, refuseName, type UploadPlan } from './upload/plan-upload.ts';
import { resumeLeft } from './upload/resume-left.ts';
import { chunksOf, storeFile } from './upload/store-file.ts';
import { type UploadRun, uploadRun } from './upload/upload-run.ts';

/**
 * Stores one file on the Grid and commits it. Tells all of it: resolves when `copied`, `present` or `failed` was told. Rejects only for a fault of ours. For many files
 * `copyFiles` shares between them what this makes for one.
 */
export async function uploadFile(
  parts: CopyParts,
  job: Upload,
  options: CopyOptions,
  tell: (event: CopyEvent) => void,
): Promise<void> {
  const run = uploadRun(parts, options, tell);
  try {
    await uploadIn(run, job, tell, { digest: atOnce, send: atOnce });
  } finally {
    await run.close();
  }
}

/** Waits for the turn of a file, and answers how to say that it is over; undefined if nothing new is to begin. */
type Turn = (bytes: number) => Promise<Over | undefined>;

/** When a file may be digested, and when it may be sent. */
export interface UploadTurns {
  readonly digest: Turn;
  readonly send: Turn;
}

const atOnce: Turn = async () => () => undefined;

/** The same as one of the uploads of a run. It is digested before its turn comes. */
export async function uploadIn(
  run: UploadRun,
  job: Upload,
  tell: (event: CopyEvent) => void,
  turns: UploadTurns,
): Promise<void> {
  try {
    refuseName(job);
    const file = await openLocalFile(job.local);
    try {
      await run.inTurn(job.lfn, () => upload(run, job, file, tell, turns));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!isStowageError(error)) throw error;
    tell({ kind: 'failed', job, reason: error });
  }
}

/** Thrown where nothing new is to begin, and told to nobody. */
const stopped = new Error('stopped');

async function upload(
  run: UploadRun,
  job: Upload,
  file: LocalFile,
  tell: (event: CopyEvent) => void,
  turns: UploadTurns,
): Promise<void> {
  const begunMs = performance.now();
  const held: Over[] = [];
  const take = async (turn: Turn): Promise<Over> => {
    const over = await turn(file.bytes);
    if (over === undefined) throw stopped;
    held.push(over);
    return over;
  };
  let digesting: Promise<{ readonly content: Content; readonly over: Over }> | undefined;
  const digested = () => {
    digesting ??= take(turns.digest).then(async (over) => ({ content: await run.digester.contentOf(file), over }));
    return digesting;
  };
  const contentOf = async (): Promise<Content> => (await digested()).content;
  const plan = async (): Promise<UploadPlan> => planUpload(job, file, await run.look(job.lfn), contentOf, run.options);
  try {
    const left = await run.leftOf(job.lfn);
    let planned = left.length === 0 ? await plan() : undefined;
    if (planned?.kind === 'present') return tell({ kind: 'present', job, bytes: file.bytes, by: planned.by });
    const { content, over } = await digested();
    await take(turns.send);
    over();
    tell({ kind: 'started', job, bytes: file.bytes });
    // Not before: of what is there too seldom, the next run is to know.
    const settle = (): void => left.forEach(run.settled);
    const copied = (elements: readonly string[]): void => {
      settle();
      tell({ kind: 'copied', job, bytes: content.bytes, md5: content.md5, ms: performance.now() - begunMs, elements });
    };
    const resumed = await resumeAll(run, left, file, content, tell);
    planned ??= await plan();
    for (let isAgain = false; ; isAgain = true) {
      if (planned.kind === 'present' && resumed.length === 0) {
        settle();
        return tell({ kind: 'present', job, bytes: file.bytes, by: planned.by });
      }
      const old = planned.kind === 'replace' ? planned.old : undefined;
      const at = planned.kind === 'present' ? (await replicasOf(run.parts.grid, job.lfn)).map(({ se }) => se) : [];
      try {
        return copied(await storeFile(run, { job, file, content, at, old }, tell));
      } catch (error) {
        // Somebody stored it between our look and now: the server says that it is another file.
        if (isAgain || errnoOf(error) !== otherFile) throw error;
        planned = await plan();
      }
    }
  } catch (error) {
    if (error !== stopped) throw error;
  } finally {
    for (const over of held) over();
  }
}

/** EINVAL, which `access` answers for a name that has other content. */
const otherFile = 22;

async function resumeAll(
  run: UploadRun,
  left: readonly LeftUpload[],
  file: LocalFile,
  content: Content,
  tell: (event: CopyEvent) => void,
): Promise<readonly string[]> {
  const elements: string[] = [];
  for (const one of left) {
    elements.push(...(await resumeLeft(run, one, { content, chunks: chunksOf(run, file, content) }, tell)));
  }
  return elements;
}
