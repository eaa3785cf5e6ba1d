import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { dayFolders } from '../day-folders.ts';
import { indicators, indicatorTime } from '../indicators.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { stagedDay } from '../stored/staged-day.ts';
import { storeEverywhere } from '../stored/store-everywhere.ts';
import { calendarDay, dayAfter, dayPath, startsWeek } from '../week.ts';
import { discEvent } from './disc-event.ts';
import { discLock } from './disc-lock.ts';
import { poolDisc, sourceDirOf, storeOf } from './pool-disc.ts';
import { requireOurs } from './require-ours.ts';
import type { SpanOptions } from './span-days.ts';

export interface StoreOptions {
  /** Stores older days too that were staged and never stored. */
  readonly catchUp?: boolean;
  /** What does not fit on one disc goes to several. */
  readonly span?: SpanOptions | undefined;
}

/**
 * The action store: puts today's staged day on the disc or into the store that the section names, or both; if there is none that is not stored, yesterday's, else tomorrow's. A full one takes today's in any case, on a disc that is begun anew. A day that was
 * stored before more came into it is appended to. `cback.store` is in the day once all of it was seen there and is what was staged. Throws `missing` if there is nothing to store, `full` with both sizes where
 * there is no room, `locked` while another run writes.
 */
export async function* executeStore(run: PoolRun, options: StoreOptions = {}): AsyncGenerator<PoolEvent> {
  const { configuration, full, clock } = run;
  const store = storeOf(configuration);
  const sourceDir = await sourceDirOf(run);
  const today = calendarDay(clock.now());
  const lock = await discLock(run, 'store');
  try {
    // Where days go to a store too, a disc that is not ours keeps nothing from that.
    if (store.disc?.checkMedia && store.target === undefined) await requireOurs(run, await poolDisc(run));
    const waiting = await unstoredDays(run, sourceDir);
    const offset = [0, ...(full ? [] : [-1, 1])].find((one) => waiting.includes(dayPath(dayAfter(today, one))));
    const chosen =
      offset !== undefined
        ? dayPath(dayAfter(today, offset))
        : full && (await isStaged(run, `${sourceDir}/${dayPath(today)}`))
          ? dayPath(today)
          : undefined;
    const older = waiting.filter((day) => day !== chosen && day < dayPath(today));
    if (chosen === undefined && !(options.catchUp && older.length > 0)) {
      for (const day of older) yield reported(day);
      throw new StowageError('missing', noneText(full), {
        ...(older.length > 0 ? { hint: 'older days are stored by: stowage pool store CONFIG --catch-up' } : {}),
      });
    }
    if (chosen !== undefined) {
      const which = offset === -1 ? "yesterday's" : offset === 1 ? "tomorrow's" : "current day's";
      const text = `Store process will use ${which} stage directory [${displayName(`${sourceDir}/${chosen}`)}]`;
      const isTold = offset !== undefined && offset !== 0 && store.warnMidnight;
      yield discEvent('store', isTold ? 'warning' : 'info', 'begun', text, { day: chosen, failed: false });
    }
    if (options.catchUp !== true) for (const day of older) yield reported(day);
    const wanted = [...(options.catchUp ? older : []), ...(chosen === undefined ? [] : [chosen])];
    const days = [];
    for (const day of wanted) days.push(await stagedDay(run, day, `${sourceDir}/${day}`));
    yield* storeEverywhere(run, days, {
      action: 'store',
      rebuildMedia: full,
      todayIsStart: startsWeek(today, configuration.options.startingDay),
      span: options.span,
    });
  } finally {
    await lock.release();
  }
}

function noneText(full: boolean): string {
  return full
    ? 'Unable to find a staging directory to store (tried today).'
    : 'Unable to find unused staging directory to store (tried today, yesterday, tomorrow).';
}

function reported(day: string): PoolEvent {
  const text = `The day ${day} was staged and never stored: stowage pool store CONFIG --catch-up stores it.`;
  return discEvent('store', 'warning', 'told', text, { day, failed: false });
}

async function isStaged({ files }: PoolRun, folder: string): Promise<boolean> {
  return (await indicatorTime(files, folder, indicators.stage)) !== undefined;
}

/** The days that are staged and not stored, or into which something came after they were: the oldest first. */
export async function unstoredDays({ files }: PoolRun, sourceDir: string): Promise<readonly string[]> {
  const days: string[] = [];
  for (const day of await dayFolders(sourceDir)) {
    const folder = `${sourceDir}/${day}`;
    const staged = await indicatorTime(files, folder, indicators.stage);
    const stored = await indicatorTime(files, folder, indicators.store);
    if (staged !== undefined && (stored === undefined || stored < staged)) days.push(day);
  }
  return days;
}
