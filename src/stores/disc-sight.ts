import { type BlockSource, blockSource } from '../disc/block-source.ts';
import { readContent } from '../disc/read-content.ts';
import { type DiscEntry, readTree } from '../disc/read-tree.ts';
import { sessionsOf, type Volume } from '../disc/volume.ts';
import { isStowageError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import type { StoredObject } from '../store/store.ts';
import type { DiscPlace, DiscState } from './disc-place.ts';
import { parseSums, sha256Of, sumsOfSumsPath, sumsPath } from './disc-sums.ts';

/** What a disc shows: every name of its newest session, and the digests that it keeps of its archives. */
export interface DiscSight {
  readonly entries: ReadonlyMap<string, DiscEntry>;
  /** Only of what was written in the session of the digests or before it. */
  readonly sums: ReadonlyMap<string, string>;
  readonly isBlank: boolean;
}

/** Looks at a disc, once for as long as it stays as it is. */
export interface DiscLooks {
  now(signal?: AbortSignal): Promise<DiscSight>;
  /** The next look is at the disc itself. */
  forget(): void;
}

/** Looks at the disc in a place. Throws `unavailable` where that cannot be done: what cannot be looked at is not empty. */
export function discLooks(place: DiscPlace, location: string): DiscLooks {
  let kept: { readonly identity: string | undefined; readonly sight: Promise<DiscSight> } | undefined;
  let changes = 0;
  const look = async (state: DiscState, signal: AbortSignal | undefined): Promise<DiscSight> => {
    if (state.isBlank) return { entries: new Map(), sums: new Map(), isBlank: true };
    try {
      return await sightOf(place.path, state.starts, signal);
    } catch (error) {
      if (!isStowageError(error, 'corrupt', 'refused')) throw error;
      throw new StowageError('unavailable', `cannot look at the store ${location}: ${error.message}`, {
        hint: `xorriso -indev '${displayName(place.path)}' -check_media -- tells what can still be read`,
        cause: error,
      });
    }
  };
  return {
    async now(signal) {
      signal?.throwIfAborted();
      // What lies in a drive is asked for once: each time would take seconds.
      if (kept !== undefined && kept.identity === undefined) return kept.sight;
      const before = changes;
      const state = await place.state(signal);
      if (kept !== undefined && kept.identity === state.identity && before === changes) return kept.sight;
      const sight = look(state, signal);
      const mine = { identity: state.identity, sight };
      kept = mine;
      sight.catch(() => {
        if (kept === mine) kept = undefined;
      });
      return sight;
    },
    forget() {
      changes += 1;
      kept = undefined;
    },
  };
}

async function sightOf(
  path: string,
  starts: readonly number[] | undefined,
  signal: AbortSignal | undefined,
): Promise<DiscSight> {
  const source = await blockSource(path);
  try {
    const sessions = await sessionsOf(source, starts);
    const newest = sessions.at(-1);
    if (newest === undefined)
      throw new StowageError('corrupt', `'${displayName(path)}' is neither empty nor an ISO image`);
    const entries = new Map<string, DiscEntry>();
    for await (const entry of readTree(source, newest)) {
      signal?.throwIfAborted();
      entries.set(entry.path, entry);
    }
    return { entries, sums: await sumsIn(source, sessions, entries), isBlank: false };
  } finally {
    await source.close();
  }
}

/** The digests that the disc keeps; none if their file is not what was written, or if what they tell of came later. */
async function sumsIn(
  source: BlockSource,
  sessions: readonly Volume[],
  entries: ReadonlyMap<string, DiscEntry>,
): Promise<ReadonlyMap<string, string>> {
  const sums = new Map<string, string>();
  const [listed, proof] = [entries.get(sumsPath), entries.get(sumsOfSumsPath)];
  if (listed?.type !== 'file' || proof?.type !== 'file') return sums;
  const bytes = await contentOf(source, listed);
  if (
    bytes === undefined ||
    parseSums((await contentOf(source, proof)) ?? Buffer.alloc(0)).get(sumsPath) !== sha256Of(bytes)
  )
    return sums;
  const sessionOf = (entry: DiscEntry) => sessions.findLastIndex((one) => one.start <= (entry.extents[0]?.block ?? 0));
  const ours = sessionOf(listed);
  for (const [path, sha256] of parseSums(bytes)) {
    const entry = entries.get(path);
    if (entry?.type !== 'file') continue;
    // An empty file lies nowhere, and its digest is always the same.
    if (entry.bytes === 0 ? sha256 === nothing : sessionOf(entry) <= ours) sums.set(path, sha256);
  }
  return sums;
}

const nothing = sha256Of(new Uint8Array(0));

/** Undefined where the medium cannot be read there: then nothing is proven, and nothing else is lost. */
async function contentOf(source: BlockSource, entry: DiscEntry): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of readContent(source, entry)) chunks.push(chunk);
  } catch (error) {
    if (isStowageError(error, 'corrupt', 'unavailable')) return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}

/** A file on the disc as an object; undefined for what is none. */
export function objectIn(sight: DiscSight, key: string): StoredObject | undefined {
  const entry = sight.entries.get(key);
  if (entry?.type !== 'file' || isOwn(key)) return undefined;
  const sha256 = sight.sums.get(key);
  const where = entry.extents.map(({ block }) => block).join('+');
  return {
    key: storeKey(key) satisfies StoreKey,
    bytes: entry.bytes,
    version: sha256 ?? `${entry.bytes}-${entry.mtimeSeconds ?? 0}-${where}`,
    ...(entry.mtimeSeconds === undefined ? {} : { modifiedNs: BigInt(entry.mtimeSeconds) * 1_000_000_000n }),
    digests: sha256 === undefined ? {} : { sha256 },
    state: 'readable',
  };
}

/** True for the files that the store itself keeps on a disc. */
export function isOwn(path: string): boolean {
  return path === sumsPath || path === sumsOfSumsPath;
}
