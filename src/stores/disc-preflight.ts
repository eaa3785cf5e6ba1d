import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { blockBytes, blocksOf } from '../disc/block-source.ts';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { Obstacle, WantedObject } from '../store/store.ts';
import { discNames } from './disc-names.ts';
import type { DiscParts } from './disc-publish.ts';

/** What a name costs in the directories of a session, about. */
const nameBytes = 512;

/** All that stands in the way of writing these: names that a disc cannot carry, and a disc, or the disk of an image, that is too small for all of it. `together`: how much waits at once. */
export async function discPreflight(
  { place, looks }: DiscParts,
  wants: readonly WantedObject[],
  together: number,
  signal: AbortSignal | undefined,
): Promise<readonly Obstacle[]> {
  const sight = await looks.now(signal);
  const names = discNames(sight);
  const found: Obstacle[] = [];
  let bytes = (sight.entries.size + wants.length) * nameBytes;
  for (const want of wants) {
    const problem = names.take(want.key);
    if (problem === undefined) bytes += blocksOf(want.bytes) * blockBytes;
    else found.push({ key: want.key, reason: `it ${problem}` });
  }
  const shown = displayName(place.path);
  const writer = await place.writer(signal);
  const { available, used } = await writer.retrieveCapacity(signal === undefined ? {} : { signal });
  if (bytes > available) {
    const advice = used === 0 ? 'take a larger medium' : 'go on with a further disc, or take a larger medium';
    const reason = `the archives need ${bytes} bytes, and on the disc '${shown}' there is room for ${available}`;
    return [...found, { reason, advice, stops: true }];
  }
  if (await place.isDrive()) return found;
  // A session is written to a copy of the image, while its archives wait.
  const needed = bytes + Math.min(bytes, together) + used;
  const free = await freeBytes(dirname(place.path));
  if (needed <= free) return found;
  const reason = `the archives need ${needed} bytes beside the image '${shown}' while they are written, and ${free} are free`;
  return [...found, { reason, advice: 'free some space, or move the image to a larger disk', stops: true }];
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(fsPath(folder));
    return bavail * bsize;
  } catch (error) {
    throw fileError(`cannot tell how much room there is on '${displayName(folder)}'`, error);
  }
}
