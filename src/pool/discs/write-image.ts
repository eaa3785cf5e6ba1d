import { buildMediaLabel as labelOf } from '../../disc/media-label.ts';
import { StowageError } from '../../errors.ts';
import type { DiscSection } from '../configuration/pool-configuration.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { type StagedDay, stagedDay } from '../stored/staged-day.ts';
import { explained } from './damaged-since.ts';
import { wantsNewDisc } from './new-disc.ts';
import { graftsFor } from './on-medium.ts';
import { type PoolDisc, poolDisc } from './pool-disc.ts';
import { digestsOf } from './store-days.ts';
import { beginSession, requireAllOn, requireFit, writeSession } from './write-days.ts';

/** The label of a disc that is begun today: `CEDAR BACKUP DD-MON-YYYY`. */
export function buildMediaLabel(today = new Date()): string {
  return labelOf(today);
}

/**
 * Writes staged days to the disc as one session, whole, and reads them back; nothing is recorded or marked. `stagingDirs` maps the directory of each day to
 * where it goes, `YYYY/MM/DD`. Throws `full`, with both sizes, before anything is written.
 */
export async function* writeImage(
  run: PoolRun,
  newDisc: boolean,
  stagingDirs: ReadonlyMap<string, string>,
): AsyncGenerator<PoolEvent> {
  const { disc, days } = await opened(run, stagingDirs, newDisc);
  yield* written(run, disc, days, newDisc);
}

/** The same, where it is to be decided whether the disc is begun anew: always for `rebuildMedia`, else by the day of the week or the blank behavior. */
export async function* writeImageBlankSafe(
  run: PoolRun,
  rebuildMedia: boolean,
  todayIsStart: boolean,
  blankBehavior: DiscSection['blankBehavior'],
  stagingDirs: ReadonlyMap<string, string>,
): AsyncGenerator<PoolEvent> {
  const { disc, days } = await opened(run, stagingDirs, rebuildMedia);
  const question = { rebuildMedia, todayIsStart, blankBehavior, today: run.clock.now(), medium: await disc.look() };
  const newDisc = await wantsNewDisc(question, disc.writer, run.signal);
  disc.writer.setImageNewDisc(newDisc);
  yield* written(run, disc, days, newDisc);
}

async function opened(run: PoolRun, stagingDirs: ReadonlyMap<string, string>, newDisc: boolean) {
  if (stagingDirs.size === 0) throw new StowageError('usage', 'no day is named to be written');
  const disc = await poolDisc(run);
  const days: StagedDay[] = [];
  for (const [folder, day] of stagingDirs) days.push(await stagedDay(run, day, folder));
  const grafts = days.flatMap((day) => graftsFor(day, new Map(), new Set()));
  beginSession(disc, { newDisc, mediaLabel: buildMediaLabel(run.clock.now()), grafts });
  return { disc, days };
}

async function* written(
  run: PoolRun,
  disc: PoolDisc,
  days: readonly StagedDay[],
  newDisc: boolean,
): AsyncGenerator<PoolEvent> {
  await requireFit(disc, newDisc, run);
  const digests = yield* explained(days, writeSession(run, disc, 'store', { newDisc, digests: digestsOf(days) }));
  const now = await disc.look();
  for (const day of days) {
    requireAllOn(day, day.members.values(), now, (path) => digests.get(`${day.day}/${path}`));
  }
}
