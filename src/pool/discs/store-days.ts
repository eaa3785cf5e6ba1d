import type { MediumFacts } from '../../disc/look-at-medium.ts';
import { buildMediaLabel } from '../../disc/media-label.ts';
import type { DiscDigests } from '../../disc/source-digests.ts';
import { isStowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { isWithin } from '../../model/relative-path.ts';
import { counted } from '../counted.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { requireNothingHidden } from '../stored/nothing-hidden.ts';
import type { StagedDay } from '../stored/staged-day.ts';
import { writeStoreIndicator } from '../stored/store-indicator.ts';
import { consistencyCheck } from './consistency-check.ts';
import { explained } from './damaged-since.ts';
import { discEvent, sizeText } from './disc-event.ts';
import { isBegunOn, wantsNewDisc } from './new-disc.ts';
import { onEarlierDiscs } from './on-earlier-discs.ts';
import { graftsFor, provenOn } from './on-medium.ts';
import { discOf, type PoolDisc, storeOf } from './pool-disc.ts';
import { type SpanOptions, spanDays } from './span-days.ts';
import { beginSession, recordOnDisc, requireAllOn, requireFit, writeSession } from './write-days.ts';

/** How days are stored. */
export interface StoreDaysOptions {
  /** `store` or `rebuild`. */
  readonly action: string;
  /** The disc is begun anew in any case. */
  readonly rebuildMedia: boolean;
  readonly todayIsStart: boolean;
  /** What does not fit on one disc goes to several. */
  readonly span?: SpanOptions | undefined;
  /** False where the days must be elsewhere too before they are marked. */
  readonly marks: boolean;
}

/**
 * Puts days on a disc, in one session: what of them is not there yet, and all of them if it is begun anew. Only what was read back and is what was staged is recorded, and only
 * then is a day marked. Whatever step this is killed before, the next run does the rest.
 */
export async function* storeDays(
  run: PoolRun,
  disc: PoolDisc,
  days: readonly StagedDay[],
  options: StoreDaysOptions,
): AsyncGenerator<PoolEvent> {
  const { action, rebuildMedia } = options;
  const { checkData } = storeOf(run.configuration);
  const { blankBehavior } = discOf(run.configuration);
  const today = run.clock.now();
  const medium = await disc.look();
  const isSame = rebuildMedia && isBegunOn(medium, today);
  const elsewhere = rebuildMedia ? new Map<StagedDay, never>() : await onEarlierDiscs(run, days);
  const proven = new Map<StagedDay, ReadonlyMap<string, string | undefined>>();
  for (const day of days) {
    proven.set(day, rebuildMedia && !isSame ? new Map() : await provenOn(disc.target, medium, day, run.signal));
  }
  const toWrite = (shown: MediumFacts['shown'], onDisc: typeof proven) =>
    days.flatMap((day) => {
      const done = [...(onDisc.get(day)?.keys() ?? []), ...(elsewhere.get(day)?.keys() ?? [])];
      return graftsFor(day, shown, new Set(done));
    });
  const mediaLabel = buildMediaLabel(today);
  let grafts = toWrite(medium.shown, proven);
  const holdsOthers = [...medium.shown.values()].some(
    ({ type, path }) => type !== 'directory' && !days.some(({ day }) => isWithin(path, day)),
  );
  let written: DiscDigests = new Map();
  if (grafts.length > 0 || (rebuildMedia && (!isSame || holdsOthers))) {
    const all = toWrite(new Map(), new Map());
    if (grafts.length === 0) grafts = all;
    beginSession(disc, { newDisc: rebuildMedia, mediaLabel, grafts });
    const newDisc = await wantsNewDisc({ ...options, blankBehavior, today, medium }, disc.writer, run.signal);
    if (newDisc) {
      for (const day of days) proven.set(day, new Map());
      beginSession(disc, { newDisc, mediaLabel, grafts: all });
    } else for (const day of days) await requireShown(run, day, medium);
    try {
      const bytes = await requireFit(disc, newDisc, run);
      yield discEvent(action, 'info', 'told', `Image size will be ${sizeText(bytes)} (estimated).`, { bytes });
    } catch (error) {
      if (options.span === undefined || !isStowageError(error, 'full')) throw error;
      yield discEvent(action, 'info', 'told', `${error.message} Several are written.`);
      return yield* spanDays(run, disc, days, {
        ...{ action, mediaLabel, rebuildMedia, marks: options.marks },
        ...options.span,
      });
    }
    const digests = digestsOf(days);
    written = yield* explained(days, writeSession(run, disc, action, { newDisc, digests }));
  }
  const now = written.size === 0 ? medium : await disc.look();
  for (const staged of days) {
    const { day, folder } = staged;
    const digest = (path: string) => written.get(`${day}/${path}`) ?? proven.get(staged)?.get(path);
    const here = [...staged.members.values()].filter(({ path }) => !elsewhere.get(staged)?.has(path));
    const members = requireAllOn(staged, here, now, digest);
    if (checkData && !elsewhere.has(staged)) {
      await consistencyCheck(run, new Map([[folder, day]]));
      const text = `Consistency check completed for [${displayName(folder)}].  No problems found.`;
      yield discEvent(action, 'info', 'told', text, { day });
    }
    await recordOnDisc(run, disc, action, staged, members, now);
    if (options.marks) await writeStoreIndicator(run, new Map([[folder, staged.stagedNs]]));
    const bytes = [...members.values()].reduce((sum, one) => sum + one.bytes, 0);
    const text = `The day ${day} is on the disc [${now.begun?.label}], and was read back: ${counted(members.size, 'file')} (${counted(bytes, 'byte')}).`;
    yield discEvent(action, 'info', 'done', text, { day, files: members.size, bytes });
  }
}

/** That nothing of this day that only this disc has gets out of sight by what is written now. */
function requireShown({ stateDir }: PoolRun, day: StagedDay, { begun }: MediumFacts): Promise<void> {
  return requireNothingHidden(
    ...([stateDir, day, `the disc [${begun?.label}]`] as const),
    ({ disc }) => disc !== undefined && disc.begun === begun?.at && disc.label === begun.label,
  );
}

/** The digests that are known, by path on the disc. */
export function digestsOf(days: readonly StagedDay[]): DiscDigests {
  const digests = new Map<string, string>();
  for (const { day, members } of days) {
    for (const { path, sha256 } of members.values()) if (sha256 !== undefined) digests.set(`${day}/${path}`, sha256);
  }
  return digests;
}
