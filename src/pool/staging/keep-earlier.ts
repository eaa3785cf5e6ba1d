import type { FileOperations } from '../../durable/file-operations.ts';
import { namesIfThere } from '../../durable/names-if-there.ts';
import { linksRefused } from '../../durable/publish-file.ts';
import { fileError, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { baseOf, joinPath, parentOf } from '../../model/relative-path.ts';
import { factsOf } from '../../scan/entry-of.ts';
import { isIndicator } from '../indicators.ts';
import { digestOf } from './present.ts';
import type { Received } from './receive-peer.ts';

/**
 * Keeps, under a further name beside it, each file of the day in whose place another content is about to come: a peer that collects twice on a day may have packed only what is new since the first time, and then
 * the first archive is the only one that has the rest. Returns the further names, by path. Killed anywhere and run again, it ends the same.
 */
export async function keepEarlier(
  files: FileOperations,
  folder: string,
  { members, fresh }: Received,
): Promise<ReadonlyMap<string, string>> {
  const kept = new Map<string, string>();
  for (const path of fresh) {
    const { sha256 } = members.get(path)!;
    const local = joinPath(folder, path);
    const there = isIndicator(baseOf(path)) ? undefined : await files.lstat(local);
    if (there === undefined || !there.isFile() || there.size === 0n) continue;
    if (sha256 !== undefined && (await digestOf(local)) === sha256) continue;
    try {
      for (let number = 1; !kept.has(path); number += 1) {
        const name = earlierName(path, number);
        const taken = await files.lstat(joinPath(folder, name));
        // A run that was killed may have given it this name already.
        const isThis = taken !== undefined && taken.ino === there.ino && taken.dev === there.dev;
        if (taken !== undefined && !isThis) continue;
        if (!isThis) await nameToo(files, local, joinPath(folder, name));
        kept.set(path, name);
      }
      await files.syncFolder(parentOf(local));
    } catch (error) {
      throw fileError(`cannot keep what was staged as '${displayName(local)}' before`, error);
    }
  }
  return kept;
}

/** Where there are no links the file moves, and its name is empty until the new one comes. */
async function nameToo(files: FileOperations, local: string, name: string): Promise<void> {
  try {
    await files.link(local, name);
  } catch (error) {
    if (!linksRefused.includes(systemCode(error) ?? '')) throw error;
    await files.rename(local, name);
  }
}

/** The further name of what had this path before, from 1. */
export function earlierName(path: string, number: number): string {
  return `${path}.earlier-${number}`;
}

/** True for a name that `keepEarlier` gives. */
export function isEarlierName(path: string): boolean {
  return earlierEnding.test(path);
}

/** The name of a staged file as the peer gave it. */
export function withoutEarlier(path: string): string {
  return path.replace(earlierEnding, '');
}

const earlierEnding = /\.earlier-[1-9]\d*$/;

/** What was kept so in a peer's directory of the day, beside what it has now, with the digests: what is recorded need not be read again. */
export async function earlierIn(
  files: FileOperations,
  folder: string,
  now: ReadonlyMap<string, Member>,
  recorded: ReadonlyMap<string, Member>,
): Promise<readonly Member[]> {
  const found: Member[] = [];
  for (const directory of new Set([...now.keys(), ...recorded.keys()].map(parentOf))) {
    for (const name of await namesIfThere(joinPath(folder, directory))) {
      const path = joinPath(directory, name);
      if (!isEarlierName(path) || now.has(path)) continue;
      const stats = await files.lstat(joinPath(folder, path));
      if (stats === undefined || !stats.isFile()) continue;
      const known = recorded.get(path);
      const facts = factsOf('file', stats);
      const isKnown = known?.sha256 !== undefined && known.bytes === facts.bytes && known.mtimeNs === facts.mtimeNs;
      const sha256 = isKnown ? known.sha256 : await digestOf(joinPath(folder, path));
      found.push({ path, ...facts, ...(sha256 === undefined ? {} : { sha256 }) });
    }
  }
  return found;
}
