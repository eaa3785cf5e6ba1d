import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { blockBytes } from './block-source.ts';
import { type DriveState, driveState, requireProfile } from './drive.ts';
import { interruptible } from './interruption.ts';
import { type DiscMedia, leadIn, mediumOf } from './media.ts';
import { estimatedBytes, requireRoom, sessionPlanner, treeOf } from './session-plan.ts';
import { refreshMedia, type TrayOptions } from './tray.ts';
import { requireWritten, shownBy, writeSession } from './write-session.ts';
import type { MediaCapacity, WriteOptions, Writer, WrittenDisc } from './writer.ts';
import type { XorrisoCommand } from './xorriso.ts';

export interface DriveWriterOptions extends TrayOptions {
  readonly media: DiscMedia;
  /** Times the speed of the kind of media; as fast as the drive likes if not given. */
  readonly driveSpeed?: number | undefined;
  /** How xorriso names the drive, where that is not its path. */
  readonly address?: string;
  readonly xorriso?: string | undefined;
}

/**
 * A writer whose medium lies in a drive. A session is written behind those that are there, which are not touched; only then does the medium show it. What
 * was written cannot be taken back: if the check finds it wrong, the medium holds a session that is not to be relied on, and the earlier ones as they were.
 */
export function driveWriter(path: string, options: DriveWriterOptions): Writer {
  const { media, address = path, xorriso: program } = options;
  const planner = sessionPlanner();
  const look = async (signal: AbortSignal | undefined): Promise<DriveState> => {
    const state = await driveState(address, { program, signal });
    requireProfile(path, state, media);
    return state;
  };
  const estimate = (anew: boolean, signal: AbortSignal | undefined) =>
    estimatedBytes(anew ? ['-outdev', 'stdio:/dev/null'] : ['-dev', address], planner.begun(), { program, signal });
  const writeOne = async (write: WriteOptions): Promise<WrittenDisc> => {
    const { signal, check = true } = write;
    const plan = planner.begun();
    const state = await look(signal);
    const anew = plan.newDisc || state.isBlank;
    requireWritable(path, state, media, plan.newDisc);
    const tree = await treeOf(plan, signal);
    requireRoom(await estimate(anew, signal), capacityOf(state, media, anew));
    const kept = anew ? new Map() : await shownBy(path, state.sessions);
    const digests = await writeSession(preparation(address, media, plan.newDisc, options), plan, tree, write, {
      program,
    });
    if (!address.startsWith('stdio:')) await refreshMedia(path, options, signal);
    if (!check) return { digests, verdict: undefined };
    const { sessions: starts } = await driveState(address, { program, signal });
    const verdict = await requireWritten(path, tree, kept, digests, { xorriso: program, signal, starts });
    return { digests, verdict };
  };
  return {
    ...planner,
    getEstimatedImageSize: (signal) =>
      interruptible(signal, `the estimate for '${displayName(path)}'`, async () => {
        await treeOf(planner.begun(), signal);
        return estimate(planner.begun().newDisc || (await look(signal)).isBlank, signal);
      }),
    async retrieveCapacity({ entireDisc = false, signal } = {}) {
      return capacityOf(await look(signal), media, entireDisc);
    },
    writeImage: (write = {}) =>
      interruptible(write.signal, `the writing of '${displayName(path)}'`, () => writeOne(write)),
  };
}

/** What is said to xorriso before the entries: which drive, how fast, and that more sessions will follow. */
function preparation(
  address: string,
  media: DiscMedia,
  newDisc: boolean,
  { driveSpeed }: DriveWriterOptions,
): readonly XorrisoCommand[] {
  const unit = { cdwriter: 'CD', dvdwriter: 'DVD', bdwriter: 'BD' }[mediumOf(media).device];
  const speed: readonly XorrisoCommand[] = driveSpeed === undefined ? [] : [['-speed', `${driveSpeed}x${unit}`]];
  if (!newDisc) return [['-dev', address], ...speed, ['-close', 'off']];
  const blank: readonly XorrisoCommand[] = mediumOf(media).rewritable ? [['-blank', 'as_needed']] : [];
  return [['-outdev', address], ...blank, ...speed, ['-close', 'off']];
}

function requireWritable(path: string, state: DriveState, media: DiscMedia, newDisc: boolean): void {
  const shown = displayName(path);
  if (newDisc && !state.isBlank && !mediumOf(media).rewritable)
    throw new StowageError('refused', `the '${media}' in '${shown}' is written already and cannot be begun anew`, {
      hint: 'put in a blank one',
    });
  if (!newDisc && !state.isBlank && !state.isAppendable)
    throw new StowageError('refused', `the '${media}' in '${shown}' is closed: nothing can be added to it`, {
      hint: 'put in another one',
    });
}

function capacityOf(state: DriveState, media: DiscMedia, entireDisc: boolean): MediaCapacity {
  const { bytes: total } = mediumOf(media);
  const first = entireDisc || state.isBlank;
  const used = first ? 0 : state.nextBlock * blockBytes;
  return { total, used, available: Math.max(0, total - used - leadIn(media, first)) };
}
