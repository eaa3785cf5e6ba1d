import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { blockSource } from '../disc/block-source.ts';
import type { DiscMedia } from '../disc/media.ts';
import { readRange } from '../disc/read-range.ts';
import type { DiscEntry } from '../disc/read-tree.ts';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { acquireLock, type Lock } from '../durable/lock.ts';
import { realFiles } from '../durable/real-files.ts';
import { isStowageError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { systemClock } from '../model/clock.ts';
import { percentEncode } from '../model/percent.ts';
import type { StoreKey } from '../model/store-key.ts';
import { tarIndex } from '../pack/tar-index.ts';
import type { Store } from '../store/store.ts';
import { discPlace } from './disc-place.ts';
import { discPreflight } from './disc-preflight.ts';
import { type DiscParts, publishOnDisc } from './disc-publish.ts';
import { discLooks, objectIn } from './disc-sight.ts';
import { discSpool } from './disc-spool.ts';
import { sha256Of } from './disc-sums.ts';

export interface DiscStoreOptions {
  /** What the disc is: its capacity. Without it an image may fill its disk, and a drive says what lies in it. */
  readonly media?: DiscMedia | undefined;
  /** Where archives wait for their session. Beside an image if not given. */
  readonly spool?: string | undefined;
  /** The program `xorriso`, where it is not the one on PATH. */
  readonly xorriso?: string | undefined;
  readonly files?: FileOperations;
}

/**
 * How much goes into one session: so much that its directories are little beside it, so little that there is room for it to wait. A session of an image is
 * written to a copy of it: by growing with the image, all that is ever copied stays a small multiple of it.
 */
function session(path: string) {
  const image = statSync(fsPath(path), { throwIfNoEntry: false });
  return { bytes: Math.max(1024 ** 3, Math.floor((image?.isFile() ? image.size : 0) / 4)), members: 100_000 };
}

/**
 * A store on a disc: an image that is a file, or what lies in a drive. The object `SECTION/NAME` is the file `/SECTION/NAME` of the newest session. What is written waits in the spool; publishing
 * writes all that is published at once as one session behind the others, whose content stays. The version is the SHA-256 that the disc keeps of each object in
 * `.stowage/SHA256SUMS`; of what others wrote, its size, time and place.
 */
export function discStore(path: string, options: DiscStoreOptions = {}): Store {
  const { files = realFiles, media, xorriso } = options;
  const location = `disc:${percentEncode(path, '/-_.~')}`;
  const place = discPlace(path, { files, media, xorriso });
  // Several discs may have one spool, and none touches what waits for another.
  const folder = options.spool === undefined ? `${path}.spool` : `${options.spool}/${nameOf(location)}`;
  const spool = discSpool(files, folder, location);
  const looks = discLooks(place, location);
  const parts: DiscParts = { location, files, place, spool, looks };

  const held = async (key: StoreKey, signal: AbortSignal | undefined): Promise<DiscEntry> => {
    const sight = await looks.now(signal);
    if (objectIn(sight, key) !== undefined) return sight.entries.get(key)!;
    throw new StowageError('missing', `there is no object '${displayName(key)}' in ${location}`);
  };
  let last: Promise<unknown> = Promise.resolve();

  return {
    location,
    get limits() {
      return { parallelWrites: 4, publishTogether: session(path) };
    },
    async stat(key, call) {
      return objectIn(await looks.now(call?.signal), key);
    },
    async *list(prefix, call) {
      const sight = await looks.now(call?.signal);
      for (const path of sight.entries.keys()) {
        if (!path.startsWith(prefix)) continue;
        const object = objectIn(sight, path);
        if (object !== undefined) yield object;
      }
    },
    async get(key, call) {
      const entry = await held(key, call?.signal);
      const range = call?.range ?? { start: 0, end: entry.bytes };
      if (range.end > entry.bytes)
        throw new StowageError('corrupt', `'${displayName(key)}' ends at byte ${entry.bytes}, not at ${range.end}`);
      const source = await blockSource(path);
      return (async function* () {
        try {
          yield* readRange(source, entry, range, call?.signal);
        } finally {
          await source.close();
        }
      })();
    },
    async *index(key, call) {
      const entry = await held(key, call?.signal);
      const source = await blockSource(path);
      try {
        const read = async (start: number, end: number) => {
          const chunks: Uint8Array[] = [];
          for await (const chunk of readRange(source, entry, { start, end }, call?.signal)) chunks.push(chunk);
          return Buffer.concat(chunks);
        };
        yield* tarIndex(read, entry.bytes);
      } finally {
        await source.close();
      }
    },
    async digest(key, kind, call) {
      const sight = await looks.now(call?.signal);
      await held(key, call?.signal);
      return objectIn(sight, key)?.digests[kind];
    },
    preflight: (wants, call) => discPreflight(parts, wants, session(path).bytes, call?.signal),
    async write(key, bytes, call) {
      const sight = await looks.now(call?.signal);
      return spool.write(key, bytes, sight.entries.get(key)?.mtimeSeconds, call);
    },
    async *publish(written, call) {
      // One session after the other: of this process, and then of others.
      const before = last;
      let done = () => {};
      last = new Promise<void>((resolve) => {
        done = resolve;
      });
      try {
        await before;
        const lock = await discLock(files, spool.folder, location, call?.signal);
        try {
          yield* publishOnDisc(parts, written, call?.replaces, call?.signal);
        } finally {
          await lock.release();
        }
      } finally {
        done();
      }
    },
    discard: (written) => spool.remove(written),
    async *debris(call) {
      await looks.now(call?.signal);
      yield* spool.debris();
    },
  };
}

function nameOf(location: string): string {
  return sha256Of(Buffer.from(location)).slice(0, 16);
}

/** Waits for its turn where another process of this machine writes a session. */
async function discLock(
  files: FileOperations,
  folder: string,
  location: string,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      await makeFolder(files, folder);
      return await acquireLock(files, `${folder}/session.lock`, {
        command: `a session of ${location}`,
        clock: systemClock,
        hint: `if that process has surely ended, remove '${displayName(folder)}/session.lock'`,
      });
    } catch (error) {
      if (!isStowageError(error, 'locked') || error.facts.host !== hostname()) throw error;
    }
    await delay(100, undefined, signal === undefined ? {} : { signal });
  }
}
