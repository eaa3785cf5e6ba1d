import { createHash } from 'node:crypto';
import { isStowageError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { directoriesBetween } from '../model/relative-path.ts';
import { type BlockSource, blockSource } from './block-source.ts';
import { checkHead, checkSession } from './checksum-tags.ts';
import { forgetCached } from './forget-cached.ts';
import type { Grafted } from './graft-tree.ts';
import { interruptible } from './interruption.ts';
import { md5Mismatches } from './md5-mismatches.ts';
import { isPaddedWithZeros, readContent } from './read-content.ts';
import { type DiscEntry, readTree } from './read-tree.ts';
import type { DiscDigests } from './source-digests.ts';
import { unusedFaults } from './unused-blocks.ts';
import type { DiscFault, DiscVerdict } from './verdict.ts';
import { sessionsOf, type Volume } from './volume.ts';

/** What must be on a disc. */
export interface ExpectedDisc {
  /** What was written last, by path. */
  readonly written: ReadonlyMap<string, Grafted>;
  /** What was there before, by path, and must be there still unless it was written anew. */
  readonly kept: ReadonlyMap<string, DiscEntry>;
  readonly digests: DiscDigests;
}

export interface DiscCheckOptions {
  /** What must be there; if not given, what is there is compared with the checksums that were written with it. */
  readonly expected?: ExpectedDisc;
  /** The digests of files of earlier sessions, for those that somebody kept. */
  readonly known?: DiscDigests;
  /** Reads every byte of every session, not only what was written last. */
  readonly allSessions?: boolean;
  /** The first block of each session, for a medium that tells it to the drive alone. */
  readonly starts?: readonly number[];
  /** The program `xorriso`, where it is not the one on PATH. */
  readonly xorriso?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads an image, or a medium in a drive, back and says all that is wrong with it; every file's digest is compared with the expected one. Nothing is
 * mounted. Yields nothing: damage is in the verdict. Throws `corrupt` for what is no ISO image at all, `unavailable` for what cannot be opened, `interrupted` after
 * the signal.
 */
export function checkDisc(path: string, options: DiscCheckOptions = {}): Promise<DiscVerdict> {
  return interruptible(options.signal, `the check of '${displayName(path)}'`, () => verdictOf(path, options));
}

async function verdictOf(path: string, options: DiscCheckOptions): Promise<DiscVerdict> {
  const { expected, signal } = options;
  const everything = options.allSessions === true || expected === undefined;
  await forgetCached(path, signal);
  const source = await blockSource(path);
  try {
    const sessions = await sessionsOf(source, options.starts);
    const newest = sessions.at(-1);
    if (newest === undefined) throw new StowageError('corrupt', `'${displayName(path)}' holds no ISO 9660 file system`);
    const faults = await structureFaults(source, sessions, everything, signal);
    const found = await contentFaults(source, sessions, newest, options);
    faults.push(...found.faults);
    if (everything) {
      faults.push(...(await unusedFaults(source, sessions)));
      // A session is not what was written, and nobody kept digests of its files: those on the disc itself find the file.
      if (found.unproven > 0 && faults.some((fault) => fault.kind === 'structure' && fault.part === 'session')) {
        const told = new Set(faults.map((fault) => ('path' in fault ? fault.path : undefined)));
        for (const hit of await md5Mismatches(`stdio:${path}`, { program: options.xorriso, signal })) {
          if (!told.has(hit))
            faults.push({ kind: 'damaged', path: hit, session: 0, what: 'it is not what was written' });
        }
      }
    }
    return { label: newest.label, sessions: sessions.length, files: found.files, bytes: found.bytes, faults };
  } finally {
    await source.close();
  }
}

/** True for media that can be overwritten: their first session leaves room for the head. */
function hasHead(sessions: readonly Volume[]): boolean {
  return sessions[0]!.start > 0;
}

async function structureFaults(
  source: BlockSource,
  sessions: readonly Volume[],
  everything: boolean,
  signal: AbortSignal | undefined,
): Promise<DiscFault[]> {
  const faults: DiscFault[] = [];
  const add = (session: number, { part, state }: Awaited<ReturnType<typeof checkHead>>): void => {
    if (state === 'match') return;
    const what =
      state === 'absent' ? `the checksum of its ${part} is not there` : `its ${part} is not what was written`;
    faults.push({ kind: 'structure', session, part, what });
  };
  if (hasHead(sessions)) add(sessions.length, await checkHead(source));
  for (const [index, volume] of sessions.entries()) {
    if (!everything && index < sessions.length - 1) continue;
    for await (const result of checkSession(source, volume, everything, signal)) add(index + 1, result);
  }
  return faults;
}

/** How many files are read while one is hashed: those that lie behind it. */
const readAhead = 2;

async function contentFaults(
  source: BlockSource,
  sessions: readonly Volume[],
  newest: Volume,
  { expected, known = new Map(), allSessions = false, signal }: DiscCheckOptions,
) {
  const faults: DiscFault[] = [];
  const seen = new Set<string>();
  const above = new Set([...(expected?.written.keys() ?? [])].flatMap((path) => directoriesBetween('', path)));
  let [files, bytes, unproven] = [0, 0, 0];
  const looking: { path: string; session: number; damage: Promise<string | undefined> }[] = [];
  const settle = async (): Promise<void> => {
    const { path, session, damage } = looking.shift()!;
    const what = await damage;
    if (what !== undefined) faults.push({ kind: 'damaged', path, session, what });
  };
  const sessionOf = (entry: DiscEntry): number => {
    const block = entry.extents[0]?.block ?? newest.start;
    return entry.type === 'file' && entry.bytes > 0
      ? sessions.findLastIndex((one) => one.start <= block) + 1
      : sessions.length;
  };
  try {
    for await (const entry of readTree(source, newest)) {
      const { path } = entry;
      const session = sessionOf(entry);
      seen.add(path);
      const written = expected?.written.get(path);
      const kept = expected?.kept.get(path);
      const different =
        written !== undefined
          ? differenceFrom(written, entry)
          : kept !== undefined
            ? differenceOf(kept, entry)
            : undefined;
      if (different !== undefined) faults.push({ kind: 'different', path, session, what: different });
      else if (expected !== undefined && written === undefined && kept === undefined && !above.has(path))
        faults.push({ kind: 'unexpected', path, session });
      const digest = (written === undefined ? undefined : expected?.digests.get(path)) ?? known.get(path);
      if (entry.type !== 'file' || different !== undefined) continue;
      if (written === undefined && expected !== undefined && !allSessions) continue;
      files += 1;
      if (digest === undefined) unproven += 1;
      bytes += entry.bytes;
      const damage = damageOf(source, entry, digest, signal);
      damage.catch(() => undefined); // it is waited for in its turn
      looking.push({ path, session, damage });
      if (looking.length > readAhead) await settle();
    }
    while (looking.length > 0) await settle();
    for (const path of [...(expected?.written.keys() ?? []), ...(expected?.kept.keys() ?? [])]) {
      if (!seen.has(path)) faults.push({ kind: 'missing', path, session: sessions.length });
      seen.add(path);
    }
  } catch (error) {
    if (!isStowageError(error, 'corrupt')) throw error;
    // What was being looked at is told all the same.
    while (looking.length > 0) await settle();
    faults.push({ kind: 'structure', session: sessions.length, part: 'directories', what: error.message });
  }
  return { faults, files, bytes, unproven };
}

/** Undefined if a file can be read and is what it was; without a digest only its reading and its padding are looked at. */
async function damageOf(
  source: BlockSource,
  entry: DiscEntry,
  digest: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    if (digest !== undefined) {
      const hash = createHash('sha256');
      for await (const chunk of readContent(source, entry, signal)) hash.update(chunk);
      if (hash.digest('hex') !== digest) return 'its content is not what was written';
    }
    return (await isPaddedWithZeros(source, entry)) ? undefined : 'the block that it ends in is not what was written';
  } catch (error) {
    if (!isStowageError(error, 'corrupt', 'unavailable')) throw error;
    return error.message;
  }
}

function differenceFrom(written: Grafted, entry: DiscEntry): string | undefined {
  if (written.type !== entry.type) return `it is a ${entry.type}, and was to be a ${written.type}`;
  if (written.bytes !== entry.bytes) return `it has ${entry.bytes} bytes, and was to have ${written.bytes}`;
  if (written.target !== entry.target) return 'it leads elsewhere than it was to';
  for (const field of ['mode', 'uid', 'gid', 'mtimeSeconds'] as const) {
    if (written[field] !== entry[field]) return `its ${fieldNames[field]} is not what it was to be`;
  }
  return undefined;
}

const fieldNames = { mode: 'mode', uid: 'owner', gid: 'group', mtimeSeconds: 'time' } as const;

/** What was there before is in the same blocks; a directory into which something came may have another time. */
function differenceOf(kept: DiscEntry, entry: DiscEntry): string | undefined {
  const other = 'it is not what an earlier session says';
  if (kept.type !== entry.type || kept.bytes !== entry.bytes || kept.target !== entry.target) return other;
  if (kept.type === 'directory') return undefined;
  if ((['mode', 'uid', 'gid', 'mtimeSeconds'] as const).some((field) => kept[field] !== entry[field])) return other;
  const blocks = (one: DiscEntry) => JSON.stringify(one.extents);
  const moved = kept.type === 'file' && kept.bytes > 0 && blocks(kept) !== blocks(entry);
  return moved ? 'it lies elsewhere than an earlier session says' : undefined;
}
