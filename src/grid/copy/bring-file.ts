import { setTimeout as delay } from 'node:timers/promises';
import { realFiles } from '../../durable/real-files.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { ZipArchive } from '../zip/zip-archive.ts';
import type { CopyEvent } from './copy-event.ts';
import type { Download } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';
import { arrivingPath, downloadPlace, type ReadyFolders, readyFolder } from './download-place.ts';
import { type LfnContent, type LfnOptions, lfnContent } from './lfn-content.ts';
import { type FetchedArchive, fetchArchive } from './local-archive.ts';
import type { TargetThere } from './local-target.ts';
import { type Publisher, publisher } from './publisher.ts';
import { type ProvenContent, readProven } from './read-proven.ts';
import { readReplicas } from './read-replicas.ts';
import { isNoReplicaLeft, type ReplicaFailure, type ReplicaToRead, replicaSet } from './replica-set.ts';
import { whenReachable } from './when-reachable.ts';

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
 * Brings a file to its name, durably, and proves it before; a file that has the name is there until then, and `there` says what is known of it. Rejects with why not: then nothing has changed.
 */
export async function bringFile(
  parts: CopyParts,
  job: Download,
  there: TargetThere | undefined,
  options: CopyOptions,
  { tell, arrived }: { readonly tell: (event: CopyEvent) => void; readonly arrived: () => void },
  signal: AbortSignal,
): Promise<ProvenContent> {
  const own = shared.get(parts) ?? { publisher: publisher(files), folders: new Map() };
  shared.set(parts, own);
  const came = own.publisher.expect();
  const hasCome = (): void => {
    came();
    arrived();
  };
  try {
    return await brought(own, parts, job, there, options, { tell, came: hasCome }, signal);
  } finally {
    came();
  }
}

async function brought(
  own: Shared,
  parts: CopyParts,
  job: Download,
  there: TargetThere | undefined,
  options: CopyOptions,
  { tell, came }: { readonly tell: (event: CopyEvent) => void; readonly came: () => void },
  signal: AbortSignal,
): Promise<ProvenContent> {
  const dropped = ({ se, reason }: ReplicaFailure): void => tell({ kind: 'replica failed', job, se, reason });
  let how: LfnOptions = { ...readingOf(options), where: job.where, strict: options.strict === true, dropped, signal };
  const fetched: FetchedArchive[] = [];
  if (options.unpackHere === true) how = { ...how, openArchive: fetching(parts, job, how, fetched) };
  const ask = () => whenReachable(() => lfnContent(parts, job.lfn, how), signal);
  let content = await ask();
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
        const waiting = { ...(await place.whole()), replace: there !== undefined, attributes };
        const published = own.publisher.publish(waiting, (reason) => tell({ kind: 'no attributes', job, reason }));
        came();
        await published;
        return proven;
      } catch (error) {
        if (round >= (options.retries ?? defaultRetries) || !isWorthAnotherRound(error, content)) throw error;
        await delay(pauseMs * 2 ** round, undefined, { signal }).catch(() => undefined);
        // With new permissions; and where the file was replaced meanwhile, it is another one.
        content = await ask();
        if (!isSame(content, expected)) throw changed(job.lfn);
      }
    }
  } finally {
    await place.discard();
    await Promise.all(fetched.map((archive) => archive.remove()));
  }
}

/** Takes a whole archive to the folder of the target, to be unpacked there; one at a time. */
function fetching(parts: CopyParts, { lfn, local }: Download, how: LfnOptions, fetched: FetchedArchive[]) {
  return async (replica: ReplicaToRead): Promise<ZipArchive> => {
    await Promise.all(fetched.splice(0).map((archive) => archive.remove()));
    const content = readReplicas(parts.storage, replicaSet([replica]), { lfn }, how);
    const archive = await fetchArchive(files, arrivingPath(local), content);
    fetched.push(archive);
    return archive;
  };
}

/** What has lied or is not there will not be better in a second; what could not be reached may be. */
function isWorthAnotherRound(error: unknown, { set }: LfnContent): boolean {
  return isNoReplicaLeft(error) && set.failures().some(({ reason }) => reason.code === 'unavailable');
}

function isSame({ expected }: LfnContent, before: LfnContent['expected']): boolean {
  return expected.guid === before.guid && expected.bytes === before.bytes && expected.md5 === before.md5;
}

function readingOf({ chunks, chunkBytes, streams, sources, bytesPerSecondAtLeast }: CopyOptions): LfnOptions {
  return {
    ...(streams === undefined ? {} : { streams }),
    ...(sources === undefined ? {} : { sources }),
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

function changed(lfn: string): StowageError {
  return new StowageError('changed', `'${displayName(lfn)}' was replaced in the catalogue while it was copied`, {
    hint: 'run the same command again',
  });
}
