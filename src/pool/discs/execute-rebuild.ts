import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { indicators, indicatorTime } from '../indicators.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { stagedDay } from '../stored/staged-day.ts';
import { storeEverywhere } from '../stored/store-everywhere.ts';
import { calendarDay, dayAfter, dayPath, startsWeek, weekStart } from '../week.ts';
import { discEvent } from './disc-event.ts';
import { discLock } from './disc-lock.ts';
import type { StoreOptions } from './execute-store.ts';
import { poolDisc, sourceDirOf, storeOf } from './pool-disc.ts';
import { requireOurs } from './require-ours.ts';

/**
 * The action rebuild: puts all days of this week that are staged, stored or not, on a disc that is begun anew, and what of them is not there into the store, with the checks of `executeStore`. Throws `missing` if
 * there is none.
 */
export async function* executeRebuild(
  run: PoolRun,
  { span }: Pick<StoreOptions, 'span'> = {},
): AsyncGenerator<PoolEvent> {
  const { configuration, clock, files } = run;
  const store = storeOf(configuration);
  const sourceDir = await sourceDirOf(run);
  const { startingDay } = configuration.options;
  const today = calendarDay(clock.now());
  const lock = await discLock(run, 'rebuild');
  try {
    if (store.disc?.checkMedia && store.target === undefined) await requireOurs(run, await poolDisc(run));
    const days = [];
    for (let one = weekStart(today, startingDay); dayPath(one) <= dayPath(today); one = dayAfter(one, 1)) {
      const day = dayPath(one);
      const folder = `${sourceDir}/${day}`;
      if ((await indicatorTime(files, folder, indicators.stage)) === undefined) continue;
      days.push(await stagedDay(run, day, folder));
      const text = `Rebuild process will include stage directory [${displayName(folder)}]`;
      yield discEvent('rebuild', 'info', 'begun', text, { day });
    }
    if (days.length === 0)
      throw new StowageError('missing', 'Unable to find any staging directories for rebuild process.');
    const todayIsStart = startsWeek(today, startingDay);
    yield* storeEverywhere(run, days, { action: 'rebuild', rebuildMedia: true, todayIsStart, span });
  } finally {
    await lock.release();
  }
}
