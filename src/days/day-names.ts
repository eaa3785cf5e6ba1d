import { readdir } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { joinPath } from '../model/relative-path.ts';
import { storeKey } from '../model/store-key.ts';
import type { DayToKeep } from '../pool/archives/day-archives.ts';
import { isIndicator } from '../pool/indicators.ts';
import type { Project } from '../verbs/project.ts';
import { type DayHoldings, isAmong } from './day-holdings.ts';
import type { DayNames } from './days-configuration.ts';

/**
 * Which archives are to be made of a day: for each peer the next one, of all that no archive holds yet. So what an archive holds is never written over, whatever became of the day since. One that the
 * store lost and of which everything is still there gets its own name again.
 */
export async function dayNames(project: Project, staged: DayToKeep, holdings: DayHoldings): Promise<DayNames> {
  const { day, folder, members } = staged;
  const held = new Set(
    [...members.values()].filter((one) => isAmong(holdings.held.get(one.path), one)).map(({ path }) => path),
  );
  const { peers, indicators } = await lookInto(folder);
  const next = async (nameOf: (number: number) => string): Promise<string> => {
    for (let number = 1; ; number += 1) {
      const name = nameOf(number);
      const key = storeKey(`${day}/${name}`);
      const lost = holdings.lost.get(key);
      if (lost?.every((one) => isStill(one, members.get(one.path)) && !held.has(one.path))) return name;
      // What is there and in no record is somebody's; nobody shall miss it.
      if (!holdings.recorded.has(key) && (await project.store.stat(key)) === undefined) return name;
    }
  };
  // At once: some stores answer many questions as fast as one.
  const [beside, ...made] = await Promise.all([
    next(besidePeers),
    ...peers.map(async (peer) => [peer, await next((number) => archiveName(peer, number))] as const),
  ]);
  return { peers: new Map(made), beside, left: [...held, ...indicators] };
}

function isStill(then: Member, now: Member | undefined): boolean {
  return now !== undefined && isAmong([then], now);
}

/** The name of a peer's archive of a day; the first one has no folder in it, so that nothing else can have it. */
export function archiveName(peer: string, number: number): string {
  return number === 1 ? `${peer}.tar` : `${peer}/${number}.tar`;
}

/** True for the key of such an archive. */
export function isArchiveOf(day: string, peer: string, key: string): boolean {
  return key === `${day}/${archiveName(peer, 1)}` || key.startsWith(`${day}/${peer}/`);
}

/** The name of the archive of what lies in a day beside its peers. */
export function besidePeers(number: number): string {
  return number === 1 ? 'files/day.tar' : `files/day-${number}.tar`;
}

/** The directories in a day, and the paths of all indicators in it. Throws `unavailable` for what cannot be looked at. */
async function lookInto(folder: string) {
  const peers: string[] = [];
  const indicators: string[] = [];
  const folders = [''];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const here = joinPath(folder, at);
    try {
      for (const entry of await readdir(fsPath(here), { withFileTypes: true, encoding: 'buffer' })) {
        const name = nameFromBytes(entry.name);
        const path = joinPath(at, name);
        if (entry.isDirectory()) {
          folders.push(path);
          if (at === '') peers.push(name);
        } else if (entry.isFile() && isIndicator(name)) indicators.push(path);
      }
    } catch (error) {
      throw fileError(`cannot look at '${displayName(here)}'`, error);
    }
  }
  return { peers: peers.sort(), indicators: indicators.sort() };
}
