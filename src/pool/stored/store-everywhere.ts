import { isStowageError, plainReason } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { archivesPlace } from '../archives/open-archives.ts';
import { storeInArchives } from '../archives/store-in-archives.ts';
import { discEvent } from '../discs/disc-event.ts';
import { poolDisc, storeOf } from '../discs/pool-disc.ts';
import { requireOurs } from '../discs/require-ours.ts';
import { type StoreDaysOptions, storeDays } from '../discs/store-days.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import type { StagedDay } from './staged-day.ts';

/**
 * Stores days wherever the section store says: on the disc, in the store, or both. Where both are named a day is marked when it is in both, and one that cannot be written keeps nothing
 * from the other; what failed is thrown at the end.
 */
export async function* storeEverywhere(
  run: PoolRun,
  days: readonly StagedDay[],
  options: Omit<StoreDaysOptions, 'marks'>,
): AsyncGenerator<PoolEvent> {
  const { action } = options;
  const { disc } = storeOf(run.configuration);
  const place = archivesPlace(run);
  yield* changedSince(action, days);
  let failed: unknown;
  if (disc !== undefined) {
    try {
      const opened = await poolDisc(run);
      if (disc.checkMedia) await requireOurs(run, opened);
      yield* storeDays(run, opened, days, { ...options, marks: place === undefined });
    } catch (error) {
      if (place === undefined || run.signal?.aborted || isStowageError(error, 'interrupted')) throw error;
      failed = error;
    }
  }
  if (place === undefined) return;
  try {
    yield* storeInArchives(run, place, days, { action, marks: failed === undefined });
  } catch (error) {
    if (failed === undefined) throw error;
    // One of the two can be thrown.
    yield discEvent(action, 'error', 'failed', `${place.target}: ${plainReason(error)}.`);
  }
  if (failed !== undefined) throw failed;
}

function* changedSince(action: string, days: readonly StagedDay[]): Generator<PoolEvent> {
  for (const { day, changed } of days) {
    for (const path of changed) {
      const text = `'${displayName(`${day}/${path}`)}' is not what was staged, or is gone; the day is stored as it is.`;
      yield discEvent(action, 'warning', 'told', text, { day, path, failed: false });
    }
  }
}
