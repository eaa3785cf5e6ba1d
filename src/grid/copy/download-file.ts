import { setTimeout as delay } from 'node:timers/promises';
import { realFiles } from '../../durable/real-files.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { CopyEvent } from './copy-event.ts';
import type { Download, KnownFile } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';
import { downloadPlace, type ReadyFolders, readyFolder } from './download-place.ts';
import { type LfnContent, type LfnOptions, lfnContent } from './lfn-content.ts';
import { lookAtTarget, presentBy, type TargetThere } from './local-target.ts';
import { type Publisher, publisher } from './publisher.ts';
import { type ProvenContent, readProven } from './read-proven.ts';
import { isNoReplicaLeft, type ReplicaFailure } from './replica-set.ts';

/** What all downloads over the same parts share. */
interface Shared {
  readonly publisher: Publisher;
  readonly folders: ReadyFolders;
}

const shared = new WeakMap<CopyParts, Shared>();
const files = realFiles;
const defaultRetries = 2;
const pauseMs = 500;

/**
 * Brings one file here. Tells all of it: resolves when `copied`, `present` or `failed` was told. It is `copied` when it is proven (by size and MD5; without an MD5 in the catalogue by size and what
 * the storage element says) and durable under its name, which nothing has before; a file that had the name is there until then. Rejects only for a fault of ours.
 */
export async function downloadFile(
  parts: CopyParts,
  job: Download,
  options: CopyOptions,
  tell: (event: CopyEvent) => void,
): Promise<void> {
  const begun = performance.now();
  const stopping = stopOf(options);
  try {
    const there = await lookAtTarget(job.local);
    if (there !== undefined) {
      const known = await knownOf(parts, job, stopping);
      const by = await presentBy(job.local, there, known, options.existing ?? 'size and time');
      if (by !== undefined) return tell({ kind: 'present', job, bytes: known.bytes, by });
      if (there.isLink) throw linkInTheWay(job.local);
    }
    const proven = await brought(parts, job, there, options, tell, stopping);
    tell({ kind: 'copied', job, ...proven, ms: performance.now() - begun });
  } catch (error) {
    if (!isStowageError(error)) throw error;
    tell({ kind: 'failed', job, reason: stopping.explained(error) });
  }
}

async function brought(
  parts: CopyParts,
  job: Download,
  there: TargetThere | undefined,
  options: CopyOptions,
  tell: (event: CopyEvent) => void,
  { signal }: Stopping,
): Promise<ProvenContent> {
  const own = shared.get(parts) ?? { publisher: publisher(files), folders: new Map() };
  shared.set(parts, own);
  const dropped = ({ se, reason }: ReplicaFailure): void => tell({ kind: 'replica failed', job, se, reason });
  const how: LfnOptions = { ...readingOf(options), where: job.where, strict: options.strict === true, dropped, signal };
  let content = await lfnContent(parts, job.lfn, how);
  const { expected } = content;
  tell({ kind: 'started', job, bytes: expected.bytes });
  await readyFolder(files, own.folders, job.local);
  const place = downloadPlace(files, job.local, expected.bytes, there === undefined ? undefined : there.mode & 0o777);
  const sink = counting(place, (bytes) => tell({ kind: 'moved', job, bytes }));
  const began = parts.clock.now();
  try {
    for (let round = 0; ; round += 1) {
      try {
        const proven = await readProven(parts.storage, content.set, expected, content.source, sink, signal);
        const attributes = attributesOf(content, proven, began, parts.clock.now());
        const waiting = { ...place.whole(), replace: there !== undefined, attributes };
        await own.publisher.publish(waiting, (reason) => tell({ kind: 'no attributes', job, reason }));
        return proven;
      } catch (error) {
        if (round >= (options.retries ?? defaultRetries) || !isWorthAnotherRound(error, content)) throw error;
        await delay(pauseMs * 2 ** round, undefined, { signal }).catch(() => undefined);
        // With new permissions; and where the file was replaced meanwhile, it is another one.
        content = await lfnContent(parts, job.lfn, how);
        if (!isSame(content, expected)) throw changed(job.lfn);
      }
    }
  } finally {
    await place.discard();
  }
}

/** What has lied or is not there will not be better in a second; what could not be reached may be. */
function isWorthAnotherRound(error: unknown, { set }: LfnContent): boolean {
  return isNoReplicaLeft(error) && set.failures().some(({ reason }) => reason.code === 'unavailable');
}

function isSame({ expected }: LfnContent, before: LfnContent['expected']): boolean {
  return expected.guid === before.guid && expected.bytes === before.bytes && expected.md5 === before.md5;
}

/** Asked only where something lies there to be compared. */
async function knownOf(parts: CopyParts, job: Download, { signal }: Stopping): Promise<KnownFile> {
  if (job.known?.changed !== undefined) return job.known;
  const entry = await parts.grid.stat(job.lfn, { signal });
  if (entry === undefined) throw new StowageError('missing', `there is no '${displayName(job.lfn)}' in the catalogue`);
  if (entry.type === 'directory') {
    throw new StowageError('usage', `'${displayName(job.lfn)}' is a directory`, { facts: { errno: 21 } });
  }
  return {
    bytes: entry.bytes ?? 0,
    changed: entry.changed,
    ...(entry.md5 === undefined ? {} : { md5: entry.md5 }),
  };
}

function readingOf({ chunks, chunkBytes, bytesPerSecondAtLeast }: CopyOptions): LfnOptions {
  return {
    ...(chunks === undefined ? {} : { chunks }),
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
    ...(bytesPerSecondAtLeast === undefined || bytesPerSecondAtLeast <= 0
      ? {}
      : { lowestRate: { bytesPerSecond: bytesPerSecondAtLeast } }),
  };
}

/** The attributes that alien.py gives to what it has brought; times in milliseconds. */
function attributesOf(
  { expected: { guid, lfn } }: LfnContent,
  { bytes, md5 }: ProvenContent,
  read: Date,
  written: Date,
): Readonly<Record<string, string>> {
  const times = { ts_r: String(read.getTime()), ts_w: String(written.getTime()) };
  return { guid, lfn, size: String(bytes), md5, ...times };
}

/** Tells how many bytes come, and when they have to come again. */
function counting(
  place: { begin(): Promise<void>; write(chunk: Buffer): Promise<void> },
  moved: (bytes: number) => void,
) {
  let bytes = 0;
  return {
    async begin() {
      if (bytes > 0) moved(-bytes);
      bytes = 0;
      await place.begin();
    },
    async write(chunk: Buffer) {
      await place.write(chunk);
      bytes += chunk.length;
      moved(chunk.length);
    },
  };
}

interface Stopping {
  readonly signal: AbortSignal;
  /** The error that stopping made, as what it was: too much time, or a wish. */
  explained(error: StowageError): StowageError;
}

function stopOf({ signal, timeoutSeconds }: CopyOptions): Stopping {
  const late = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
  const signals = [signal, late].filter((one) => one !== undefined);
  return {
    signal: AbortSignal.any(signals),
    explained(error) {
      if (error.code !== 'interrupted' || late?.aborted !== true || signal?.aborted === true) return error;
      return new StowageError('unavailable', `it took longer than ${timeoutSeconds} s`, {
        facts: { errno: 'ETIMEDOUT' },
        cause: error,
      });
    },
  };
}

function linkInTheWay(path: string): StowageError {
  return new StowageError('refused', `'${displayName(path)}' is a link, to a file that is not the one to be copied`, {
    hint: 'remove the link, or give the copy another name',
    facts: { errno: 'EEXIST' },
  });
}

function changed(lfn: string): StowageError {
  return new StowageError('changed', `'${displayName(lfn)}' was replaced in the catalogue while it was copied`, {
    hint: 'run the same command again',
  });
}
