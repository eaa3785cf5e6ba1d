import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { isLost, stopped } from '../xrootd/lost-connection.ts';
import { openToRead, type RemoteFile } from '../xrootd/remote-file.ts';
import type { Session } from '../xrootd/session.ts';
import { faultOfReplica, type ReadingOptions, refuseSize } from './read-replicas.ts';
import { noReplicaLeft, type ReplicaSet, type ReplicaToRead } from './replica-set.ts';
import { type Rate, rateOf, tooSlow } from './slow-watch.ts';

/** A file that is read from several replicas. Its size must be known. */
export interface SharedFile {
  readonly lfn: string;
  readonly fileBytes: number;
}

const defaultChunkBytes = 4 << 20;
const defaultChunks = 4;

/**
 * The bytes of a whole file in order, its chunks spread over so many replicas at once, each with so many requests under way: memory is twice `sources` × `chunks` × `chunkBytes`. A replica that fails is dropped from the
 * set, another takes its place if there is one, and its chunks are read from those that are left. Ends short only by throwing: what `noReplicaLeft` says, or `interrupted`.
 */
export async function* readSeveral(
  xrootd: Session,
  set: ReplicaSet,
  { lfn, fileBytes }: SharedFile,
  sources: number,
  options: ReadingOptions = {},
): AsyncGenerator<Buffer> {
  const { chunkBytes = defaultChunkBytes, chunks = defaultChunks, lowestRate, gives } = options;
  const stopping = new AbortController();
  const signal = options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const ahead = 2 * sources * chunks * chunkBytes;
  /** What is here and not yet given away, by offset. */
  const here = new Map<number, Buffer>();
  /** What somebody failed to read. */
  const again: number[] = [];
  const inUse = new Set<ReplicaToRead>();
  const changed = changes();
  let at = 0;
  let next = 0;
  let fault: { readonly error: unknown } | undefined;

  function take(): number | undefined {
    const failed = again.shift();
    if (failed !== undefined) return failed;
    if (next >= fileBytes || next - at >= ahead) return undefined;
    next += chunkBytes;
    return next - chunkBytes;
  }

  /** Reads chunks of one file until there are no more, or somebody else's failure is over. */
  async function pull(
    replica: ReplicaToRead,
    file: RemoteFile,
    rate: Rate | undefined,
    isOver: () => boolean,
  ): Promise<void> {
    while (!isOver() && at < fileBytes && !signal.aborted) {
      const offset = take();
      if (offset === undefined) {
        await changed.wait();
        continue;
      }
      const bytes = Math.min(chunkBytes, fileBytes - offset);
      const over = rate?.begin();
      try {
        here.set(offset, await wholeChunk(file, offset, bytes, rate?.signal ?? signal));
        over?.(bytes);
      } catch (error) {
        over?.(0);
        again.push(offset);
        again.sort((a, b) => a - b);
        throw error;
      } finally {
        changed.tell();
      }
      gives?.(replica);
    }
  }

  /** One of the sources: a replica, and when it fails the next that nobody uses. */
  async function source(): Promise<void> {
    let lost = 0;
    while (at < fileBytes && !signal.aborted) {
      const replica = set.left().find((one) => !inUse.has(one));
      if (replica === undefined) return;
      inUse.add(replica);
      let isOver = false;
      const rate = lowestRate === undefined ? undefined : rateOf(lowestRate, signal);
      try {
        const file = await openToRead(xrootd, replica.url, { ...options, signal });
        try {
          refuseSize(file.stat, fileBytes);
          const pulls = Array.from({ length: chunks }, () => pull(replica, file, rate, () => isOver));
          await Promise.all(pulls).finally(() => {
            isOver = true;
            changed.tell();
          });
        } finally {
          file.close().catch(() => undefined);
        }
      } catch (error) {
        if (stopping.signal.aborted) return;
        const fault = rate?.isTooSlow() === true ? tooSlow(lowestRate!) : faultOfReplica(error, options.signal);
        // Of the last one it is worth to wait for its return.
        lost += isLost(error) && set.left().length === 1 ? 1 : 0;
        if (lost === 0 || lost > xrootd.limits.retries) set.drop(replica, fault);
      } finally {
        rate?.stop();
        inUse.delete(replica);
      }
    }
  }

  let working = sources;
  const work = Array.from({ length: sources }, () =>
    source()
      .catch((error: unknown) => {
        fault ??= { error };
      })
      .finally(() => {
        working -= 1;
        changed.tell();
      }),
  );
  try {
    while (at < fileBytes) {
      const chunk = here.get(at);
      if (chunk === undefined) {
        if (fault !== undefined) throw fault.error;
        if (options.signal?.aborted) throw stopped(`reading '${displayName(lfn)}'`, options.signal);
        if (working === 0) throw noReplicaLeft(lfn, set.failures());
        await changed.wait();
        continue;
      }
      here.delete(at);
      at += chunk.length;
      changed.tell();
      yield chunk;
    }
  } finally {
    at = fileBytes;
    stopping.abort();
    changed.tell();
    await Promise.all(work);
  }
}

async function wholeChunk(file: RemoteFile, offset: number, bytes: number, signal: AbortSignal): Promise<Buffer> {
  const place = Buffer.allocUnsafeSlow(bytes);
  for (let filled = 0; filled < bytes; ) {
    const got = await file.read(offset + filled, place.subarray(filled), { signal });
    if (got.length === 0) throw new StowageError('corrupt', `it ended after ${offset + filled} bytes`);
    filled += got.length;
  }
  return place;
}

/** Something that many wait for, and that is told to all who wait. */
function changes(): { wait(): Promise<void>; tell(): void } {
  let waiting: (() => void)[] = [];
  return {
    wait: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
    tell() {
      const all = waiting;
      waiting = [];
      for (const resolve of all) resolve();
    },
  };
}
