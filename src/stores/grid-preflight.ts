import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors.ts';
import { wishOf } from '../grid/copy/upload/where-to.ts';
import { gridError } from '../grid/errno.ts';
import type { GridResult } from '../grid/reply.ts';
import { configOf } from '../grid/xrootd/name-space.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { percentEncode } from '../model/percent.ts';
import { parentOf } from '../model/relative-path.ts';
import type { Obstacle, WantedObject } from '../store/store.ts';
import { isErrno } from './grid-errno.ts';
import type { GridSessions } from './grid-link.ts';
import { lookAt } from './grid-look.ts';
import { type GridPlaces, newGridToken } from './grid-places.ts';

export interface GridPreflight {
  readonly places: GridPlaces;
  readonly where: readonly string[];
  readonly spool: string;
  readonly writes: number;
}

interface Call {
  readonly signal?: AbortSignal;
  /** Something of this name is made among what waits, to see that we may. */
  readonly trial?: string;
}

/** What the columns of the catalogue hold (`lfn varchar(255)` in the schema of JAliEn's tests). */
export const longestLfn = 255;

const hourMs = 3_600_000;

/** All that is seen to stand in the way of writing these: names, the certificate, the quota, room for what is put aside; with a trial, permission and storage elements too. */
export async function gridPreflight(
  store: GridPreflight,
  sessions: GridSessions,
  wants: readonly WantedObject[],
  call: Call,
): Promise<readonly Obstacle[]> {
  const { places } = store;
  const found: Obstacle[] = [];
  const good: WantedObject[] = [];
  for (const want of wants) {
    const reason = whyNoName(places, want.key);
    if (reason === undefined) good.push(want);
    else found.push({ key: want.key, reason });
  }
  found.push(...(await inTheWay(places, sessions, good, call)));
  const general = [
    certificateEnds(sessions),
    await beyondQuota(store, sessions, good, call),
    await noRoom(store, good),
    call.trial === undefined ? undefined : await refusedTrial(store, sessions, call.trial, call),
  ];
  return [...found, ...general.filter((one) => one !== undefined)];
}

function whyNoName(places: GridPlaces, key: WantedObject['key']): string | undefined {
  if (/\p{Surrogate}/u.test(key)) return 'the Grid has no such name: it is not UTF-8';
  // While it is replaced, an object waits under a name that holds its own.
  const longest = places.replacedObject(newGridToken(key), '0'.repeat(36));
  const bytes = Math.max(Buffer.byteLength(places.object(key)), longest.length);
  return bytes > longestLfn
    ? `its name is too long for the Grid: with what is put before it, it needs ${bytes} characters of ${longestLfn}`
    : undefined;
}

/** Names that are directories, and directories that are files. */
async function inTheWay(
  places: GridPlaces,
  sessions: GridSessions,
  wants: readonly WantedObject[],
  call: Call,
): Promise<readonly Obstacle[]> {
  const above = new Map<string, Set<WantedObject>>();
  for (const want of wants)
    for (let path = parentOf(want.key); path !== ''; path = parentOf(path))
      above.set(path, (above.get(path) ?? new Set()).add(want));
  const asked = [...above.keys(), ...wants.map(({ key }) => key)];
  if (asked.length === 0) return [];
  const seen = await lookAt(sessions, asked.map(places.object), call);
  return asked.flatMap((path, at): Obstacle[] => {
    const entry = seen[at];
    const below = above.get(path);
    if (entry === undefined) return [];
    if (below === undefined || at >= above.size) {
      const want = wants[at - above.size]!;
      return entry.type === 'directory' ? [{ key: want.key, reason: 'it is a directory on the Grid' }] : [];
    }
    if (entry.type === 'directory') return [];
    const reason = `it would lie below '${displayName(path)}', which is no directory on the Grid`;
    return [...below].map(({ key }) => ({ key, reason }));
  });
}

function certificateEnds({ credential }: GridSessions): Obstacle | undefined {
  if (credential === undefined || credential.notAfter.getTime() - Date.now() > hourMs) return undefined;
  const reason = `the certificate for the Grid ends at ${credential.notAfter.toISOString()}, within the hour`;
  return { reason, advice: 'alien.py token-init', stops: true };
}

async function beyondQuota(
  { where }: GridPreflight,
  { grid }: GridSessions,
  wants: readonly WantedObject[],
  call: Call,
): Promise<Obstacle | undefined> {
  const reply = await grid.send('fquota', ['-nomsg', 'list'], call);
  const [quota] = reply.results;
  // ENODATA: this VO has none.
  if (reply.exitCode !== 0 || quota === undefined) {
    if (reply.exitCode === 0 || reply.exitCode === 61) return undefined;
    throw gridError('fquota', reply.exitCode, reply.error);
  }
  const copies = wishOf({ lfn: '', where }, 0).count;
  const bytes = wants.reduce((sum, want) => sum + want.bytes, 0) * copies;
  const advice = 'alien.py quota shows it; remove something or ask for more; what fits is stored all the same';
  const [used, most] = [numberIn(quota, 'totalSize'), numberIn(quota, 'maxTotalSize')];
  if (most > 0 && used + bytes > most)
    return {
      reason: `the quota on the Grid is ${most} bytes: ${used} are used, and this needs up to ${bytes}`,
      advice,
    };
  const [files, mostFiles] = [numberIn(quota, 'nbFiles'), numberIn(quota, 'maxNbFiles')];
  const more = wants.filter((want) => !want.replaces).length;
  if (mostFiles > 0 && files + more > mostFiles)
    return {
      reason: `the quota on the Grid is ${mostFiles} files: there are ${files}, and this needs ${more} more`,
      advice,
    };
  return undefined;
}

function numberIn(result: GridResult, key: string): number {
  const value = Number(result[key]);
  return Number.isFinite(value) ? value : 0;
}

/** As many of the largest as are written at once lie here until they are sent. */
async function noRoom({ spool, writes }: GridPreflight, wants: readonly WantedObject[]): Promise<Obstacle | undefined> {
  const sizes = wants.map(({ bytes }) => bytes).sort((a, b) => b - a);
  const needed = sizes.slice(0, writes).reduce((sum, one) => sum + one, 0);
  const free = await freeAbove(spool);
  if (free === undefined || needed <= free) return undefined;
  const reason = `archives are put aside in '${displayName(spool)}' before they are sent, which needs up to ${needed} bytes, and ${free} are free`;
  return {
    reason,
    advice: 'free some space, or name another place: "spool" under "grid"; or have fewer "writes" at once',
    stops: true,
  };
}

/** Of the deepest folder above a path that is there. */
async function freeAbove(path: string): Promise<number | undefined> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(fsPath(at));
      return bavail * bsize;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || at === dirname(at)) return undefined;
    }
  }
}

/** Whether we may write, and whether anybody who would take it can be reached. What is booked for that ends by itself. */
async function refusedTrial(
  { places, where }: GridPreflight,
  { grid, xrootd }: GridSessions,
  trial: string,
  call: Call,
): Promise<Obstacle | undefined> {
  const advice = `alien.py ls -l ${displayName(places.root)} shows whose it is, alien.py listSEs which storage elements there are`;
  try {
    await grid.mkdir(places.waiting, { parents: true, ...call });
    const name = `${places.waiting}/trial.${percentEncode(trial, '-_').replaceAll('%', '=').slice(0, 40)}`;
    const md5 = createHash('md5').update('').digest('hex');
    const accesses = await grid.accessToWrite(name, { bytes: 1, md5, where }, call);
    const reached = await Promise.allSettled(accesses.map(({ url }) => configOf(xrootd, url, ['version'], call)));
    call.signal?.throwIfAborted();
    const failed = reached.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (accesses.length > 0 && failed.length < accesses.length) return undefined;
    const why = failed.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
    return { reason: `no storage element can be reached: ${why}`, advice, stops: true };
  } catch (error) {
    if (isErrno(error, 1, 2, 5, 13, 77))
      return {
        reason: `nothing can be written below '${displayName(places.root)}': ${(error as Error).message}`,
        advice,
        stops: true,
      };
    throw error;
  }
}
