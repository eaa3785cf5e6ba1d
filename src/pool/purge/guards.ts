import { realpath } from 'node:fs/promises';
import { fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { isStaged } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';
import { isMarkedStored, notStored } from '../stored/not-stored.ts';
import { dayOfPath } from '../week.ts';

/** Why nothing in a directory may go yet; undefined if nothing speaks against it. */
export type Guard = (directory: string) => Promise<string | undefined>;

/**
 * Keeps what has no copy yet: a staged day until it was stored, as its indicators or our own records say, and a collect directory until it was staged. A
 * day that was staged again after it was stored is not stored as a whole. Paths are real ones, without links.
 */
export async function purgeGuard(run: PoolRun): Promise<Guard> {
  const { files, configuration } = run;
  const staging = configuration.stage && (await realPath(configuration.stage.stagingDir));
  const locals = [...(configuration.peers?.peers ?? []), ...(configuration.stage?.peers ?? [])]
    .filter((peer) => peer.type === 'local')
    .map((peer) => peer.collectDir);
  const named = [...(configuration.collect === undefined ? [] : [configuration.collect.collectDir]), ...locals];
  const collected = new Set(await Promise.all(named.map(realPath)));

  return async (directory) => {
    if (staging !== undefined && directory.startsWith(`${staging}/`)) {
      const day = directory.slice(staging.length + 1);
      if (dayOfPath(day) === undefined || (await isMarkedStored(files, directory))) return undefined;
      if ((await notStored(run, day, directory)) !== undefined) return `the day ${day} is not stored yet`;
    }
    if (collected.has(directory) && !(await isStaged(files, directory))) return 'what was collected is not staged yet';
    return undefined;
  };
}

/** The directory and all above it, the outermost first. */
export function withAbove(directory: string): readonly string[] {
  const parts = directory.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/') || '/');
}

/** The path without links; as it is where nothing is there. */
export async function realPath(path: string): Promise<string> {
  try {
    return nameFromBytes((await realpath(fsPath(path), 'buffer')) as Buffer);
  } catch {
    return path;
  }
}
