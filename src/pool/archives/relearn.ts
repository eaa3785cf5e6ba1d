import { StowageError } from '../../errors.ts';
import type { Member } from '../../model/manifest.ts';
import { counted } from '../counted.ts';
import { discEvent } from '../discs/disc-event.ts';
import { discLock } from '../discs/disc-lock.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { isStoredIn } from '../stored/not-stored.ts';
import { recordStored, storedRecords } from '../stored/stored-record.ts';
import { archivesPlace, openArchives } from './open-archives.ts';

/**
 * Learns from the store what was stored, for where the state of the pool was lost: what it holds can be listed and restored again, and counts as stored. Needs no staging directory. What is known already is not
 * recorded twice. Throws `configuration` where days go to no store.
 */
export async function* executeRelearn(run: PoolRun): AsyncGenerator<PoolEvent> {
  const place = archivesPlace(run);
  if (place === undefined) {
    throw new StowageError('configuration', 'the section store names no target', {
      hint: 'a disc tells what it holds itself: stowage pool verify CONFIG --all-sessions',
    });
  }
  const lock = await discLock(run, 'relearn');
  try {
    const archives = await openArchives(run, place);
    try {
      const { location } = archives;
      let days = 0;
      let files = 0;
      for (const [day, held] of yield* archives.learn()) {
        if (held.size === 0) continue;
        days += 1;
        files += held.size;
        const known = (await storedRecords(run.stateDir, day)).filter((one) => one.archives?.location === location);
        if ([...held.values()].flat().every((one) => isStoredIn(known, one, one.sha256))) continue;
        for (const members of oldestFirst(held))
          await recordStored(run, { day, by: 'relearn', place: location, archives: { ...place, location }, members });
      }
      const text = `${counted(days, 'day')} of ${location} known: ${counted(files, 'file')}.`;
      yield discEvent('relearn', 'info', 'done', text, { files });
    } finally {
      await archives.close();
    }
  } finally {
    await lock.release();
  }
}

/** A record has one file of a name: what there was before the newest ones has records of its own, before theirs. */
function* oldestFirst(held: ReadonlyMap<string, readonly Member[]>): Generator<ReadonlyMap<string, Member>> {
  const most = [...held.values()].reduce((max, { length }) => Math.max(max, length), 0);
  for (let back = most; back > 0; back -= 1)
    yield new Map(
      [...held].flatMap(([path, versions]) => (versions.length < back ? [] : [[path, versions.at(-back)!]])),
    );
}
