import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { blockBytes, blocksOf } from '../disc/block-source.ts';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { Obstacle, WantedObject } from '../store/store.ts';
import { type DiscParts, inTheWay } from './disc-publish.ts';

/** What a name costs in the directories of a session, about. */
const nameBytes = 512;

/** All that stands in the way of writing these: names that a disc cannot carry, and a disc, or the disk of the spool, that is too small for all of it. */
export async function discPreflight(
  { place, looks }: DiscParts,
  wants: readonly WantedObject[],
  signal: AbortSignal | undefined,
): Promise<readonly Obstacle[]> {
  const sight = await looks.now(signal);
  const found: Obstacle[] = [];
  let bytes = (sight.entries.size + wants.length) * nameBytes;
  for (const want of wants) {
    const problem = inTheWay(sight, want.key);
    if (problem === undefined) bytes += blocksOf(want.bytes) * blockBytes;
    else found.push({ key: want.key, reason: `it ${problem}` });
  }
  const { available, total } = await (await place.writer(signal)).retrieveCapacity(
    signal === undefined ? {} : { signal },
  );
  const room = Math.min(available, (await place.isDrive()) ? available : await freeBytes(dirname(place.path)));
  if (bytes > room)
    found.push({
      reason: `the archives need ${bytes} bytes, and the disc '${displayName(place.path)}' has room for ${room}`,
      advice: total === available ? 'take a larger medium' : 'go on with a further disc, or take a larger medium',
      stops: true,
    });
  return found;
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(fsPath(folder));
    return bavail * bsize;
  } catch (error) {
    throw fileError(`cannot tell how much room there is on '${displayName(folder)}'`, error);
  }
}
