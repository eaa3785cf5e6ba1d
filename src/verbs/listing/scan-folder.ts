import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { listingsFolder, newRunName, scansOf, timeOfRun } from '../../catalog/state-folder.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeQuickFolder, removeFlatFolder } from '../../durable/folder.ts';
import { type HolderState, holderState, thisHolder } from '../../durable/holder.ts';
import { acquireLock } from '../../durable/lock.ts';
import { formatLock, readLock } from '../../durable/lock-holder.ts';
import { writeQuick } from '../../durable/whole-file.ts';
import { isStowageError } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import type { Clock } from '../../model/clock.ts';
import { isSavedScan, lastSavedScan, type SavedScan } from '../../scan/saved-scan.ts';
import { readListing } from '../../shards/listing-file.ts';
import type { Project } from '../project.ts';

const holderFile = 'holder.json';
const anyHolder = /^holder(\.[0-9a-f]{16})?\.json$/;
const day = 86_400_000;

/** A folder for a listing of the section, held by this process, and the killed scan in it that is to go on. */
export interface ScanFolder {
  readonly folder: string;
  readonly saved?: SavedScan;
}

/** A new folder for a listing. Rejects with `full`, `exists` or `unavailable`. */
export async function newScanFolder({ files, state, clock, random }: Project, section: string): Promise<ScanFolder> {
  const above = listingsFolder(state, section);
  await makeQuickFolder(files, above);
  const folder = `${above}/${newRunName(clock.now(), random(4), await scansOf(state, section))}`;
  await makeQuickFolder(files, folder);
  await writeHolder(files, `${folder}/${holderFile}`, `scan ${section}`, clock, randomBytes(8).toString('hex'));
  return { folder };
}

/** Says that this process reads the listing, so that nobody removes it. Gives what takes that back. */
export async function holdListing({ files, clock }: Project, folder: string): Promise<() => Promise<void>> {
  const id = randomBytes(8).toString('hex');
  const path = `${folder}/holder.${id}.json`;
  try {
    await writeHolder(files, path, 'reading a listing', clock, id);
  } catch (error) {
    // Who may only read it can use it all the same, unless somebody removes it meanwhile.
    if (!isStowageError(error)) throw error;
    return async () => {};
  }
  return () => files.unlink(path).catch(() => undefined);
}

function writeHolder(files: FileOperations, path: string, command: string, clock: Clock, id: string): Promise<void> {
  return writeQuick(files, path, formatLock({ ...thisHolder(), since: clock.now().toISOString(), command, id }));
}

/**
 * The folder of a scan of the same roots that was killed less than a day ago and has finished shards, now held by this process; undefined if
 * there is none. One that another process holds, here or elsewhere, is left alone, and so is one older than the newest complete listing.
 */
export async function killedScan(
  { files, state, clock }: Project,
  section: string,
  roots: readonly string[],
): Promise<ScanFolder | undefined> {
  for (const scan of [...(await scansOf(state, section))].reverse()) {
    const folder = `${listingsFolder(state, section)}/${scan}`;
    const names = await readdir(fsPath(folder));
    if (names.includes('listing.json')) return undefined;
    if (!names.some(isSavedScan) || (await stateOfHolder(folder)) !== 'dead') continue;
    try {
      await acquireLock(files, `${folder}/${holderFile}`, { command: `scan ${section}`, clock });
    } catch (error) {
      // Somebody else was faster.
      if (isStowageError(error, 'locked')) continue;
      throw error;
    }
    const saved = await lastSavedScan(folder);
    const age = saved === undefined ? day : clock.now().getTime() - Date.parse(saved.begunAt);
    if (saved === undefined || age >= day || saved.section !== section || !isSame(saved.roots, roots)) {
      await letGo(files, folder);
      continue;
    }
    const whole = new Set(saved.state.shards.map(({ name }) => name));
    for (const name of await readdir(fsPath(folder))) {
      if (!anyHolder.test(name) && !whole.has(name) && !isSavedScan(name)) await files.unlink(`${folder}/${name}`);
    }
    return { folder, saved };
  }
  return undefined;
}

/** Says that this process needs the listing no more. Idempotent. */
export async function letGo(files: FileOperations, folder: string): Promise<void> {
  // Best effort: when we are gone it is nobody's anyway.
  await files.unlink(`${folder}/${holderFile}`).catch(() => undefined);
}

/** Ends an unfinished scan: what can go on later stays, and is nobody's. True if there is such a thing. */
export async function leaveUnfinished(files: FileOperations, folder: string): Promise<boolean> {
  try {
    if ((await readdir(fsPath(folder))).some(isSavedScan)) {
      await letGo(files, folder);
      return true;
    }
    await removeFlatFolder(files, folder);
  } catch {
    // Best effort: the next complete listing removes it.
  }
  return false;
}

/** Removes what only an unfinished scan needs. */
export async function removeSaved(files: FileOperations, folder: string): Promise<void> {
  for (const name of await readdir(fsPath(folder))) if (isSavedScan(name)) await files.unlink(`${folder}/${name}`);
}

/** Removes the section's listings but for this one, and those that are newer and complete, or that somebody uses. */
export async function removeOthers({ files, state, clock }: Project, section: string, kept: string): Promise<void> {
  const above = listingsFolder(state, section);
  for (const scan of await scansOf(state, section)) {
    const folder = `${above}/${scan}`;
    if (folder === kept) continue;
    const holder = await stateOfHolder(folder);
    // Of a process on another host nobody knows whether it lives; after a week it hardly does.
    const isLeft = holder === 'dead' || (holder === 'elsewhere' && clock.now().getTime() - timeOfRun(scan) > 7 * day);
    if (!isLeft || (folder > kept && (await readdir(fsPath(folder))).includes('listing.json'))) continue;
    await removeFlatFolder(files, folder);
  }
}

/** The newest complete listing of the section, if there is one. Throws `corrupt` if it was damaged. */
export async function newestListing({ state }: Pick<Project, 'state'>, section: string) {
  for (const scan of [...(await scansOf(state, section))].reverse()) {
    const found = await readListing(`${listingsFolder(state, section)}/${scan}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `dead` only if nobody who may use it lives. */
async function stateOfHolder(folder: string): Promise<HolderState> {
  let state: HolderState = 'dead';
  for (const name of await readdir(fsPath(folder))) {
    const holder = anyHolder.test(name) ? await readLock(`${folder}/${name}`) : undefined;
    const one = holder === undefined ? 'dead' : holder === 'unreadable' ? 'elsewhere' : holderState(holder);
    if (one === 'alive') return one;
    if (one === 'elsewhere') state = one;
  }
  return state;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
