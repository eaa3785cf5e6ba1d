import type { Graft } from '../../disc/graft-tree.ts';
import type { MediumFacts } from '../../disc/look-at-medium.ts';
import type { DiscDigests } from '../../disc/source-digests.ts';
import { StowageError } from '../../errors.ts';
import { displayName, nameToJson } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import type { StagedDay } from '../stored/staged-day.ts';
import { recordStored } from '../stored/stored-record.ts';
import { discEvent, sizeText } from './disc-event.ts';
import { isShownAs } from './on-medium.ts';
import type { PoolDisc } from './pool-disc.ts';
import { holdsFiles, setAside, undoAside } from './set-aside.ts';

/** A session that is to be written. */
export interface DiscSession {
  readonly newDisc: boolean;
  readonly mediaLabel: string;
  readonly grafts: readonly Graft[];
  /** By path on the disc, where they are known. */
  readonly digests: DiscDigests;
}

/** Puts a session together, so that its size can be asked for. */
export function beginSession(
  { writer }: PoolDisc,
  { newDisc, mediaLabel, grafts }: Omit<DiscSession, 'digests'>,
): void {
  writer.initializeImage({ newDisc, mediaLabel });
  for (const { from, at } of grafts) writer.addImageEntry(from, at);
}

/** Throws `full`, with both sizes, if the session that was begun does not fit; gives its size. */
export async function requireFit({ writer }: PoolDisc, newDisc: boolean, { signal }: PoolRun): Promise<number> {
  const estimate = await writer.getEstimatedImageSize(signal);
  const { available } = await writer.retrieveCapacity({ entireDisc: newDisc, ...(signal && { signal }) });
  if (estimate <= available) return estimate;
  const sizes = `Image [${sizeText(estimate)}] does not fit in available capacity [${sizeText(available)}]`;
  throw new StowageError('full', `${sizes}.`, {
    hint: newDisc
      ? 'write it to several discs: stowage pool store CONFIG --span'
      : 'begin a new disc (--full), or write it to several: stowage pool store CONFIG --span',
    facts: { bytes: estimate, available },
  });
}

/**
 * Writes the session that was begun, and reads it back. An image that is begun anew is set aside first: nothing that it holds is lost. Of a disc in a drive that is
 * written over, what it held is told.
 */
export async function* writeSession(
  run: PoolRun,
  disc: PoolDisc,
  action: string,
  { newDisc, digests }: Pick<DiscSession, 'newDisc' | 'digests'>,
): AsyncGenerator<PoolEvent, DiscDigests> {
  const before = await disc.look();
  let aside: string | undefined;
  if (newDisc && holdsFiles(before)) {
    if (before.isImage) aside = await setAside(run.files, disc.target, before);
    else yield discEvent(action, 'warning', 'told', overwritten(before), { failed: false });
  }
  try {
    const written = await disc.writer.writeImage({ digests, check: true, ...(run.signal && { signal: run.signal }) });
    if (written.verdict === undefined) throw new StowageError('bug', 'what was written was not read back');
    if (aside !== undefined) {
      const text = `The image [${displayName(disc.target)}] is begun anew; what it held is [${displayName(aside)}].`;
      yield discEvent(action, 'info', 'told', text, { path: aside });
    }
    return written.digests;
  } catch (error) {
    if (aside !== undefined) await undoAside(run.files, disc.target, aside).catch(() => undefined);
    throw error;
  }
}

function overwritten({ begun, shown }: MediumFacts): string {
  const days = [...shown.keys()].filter((path) => /^\d{4}\/\d{2}\/\d{2}$/.test(path)).sort();
  const held = days.length === 0 ? '' : `; it held ${days.join(', ')}`;
  return `The disc [${begun?.label ?? ''}] is begun anew${held}.`;
}

/**
 * What of a day is known to be on a disc now: shown there, and read back with its digest. Throws `changed` if that is not all of `wanted`: something went or came
 * while it was written.
 */
export function requireAllOn(
  { day }: StagedDay,
  wanted: Iterable<Member>,
  { shown }: MediumFacts,
  digestOf: (path: string) => string | undefined,
): ReadonlyMap<string, Member> {
  const there = new Map<string, Member>();
  for (const member of wanted) {
    const sha256 = member.type === 'file' ? digestOf(member.path) : undefined;
    const isThere = isShownAs(shown.get(`${day}/${member.path}`), member);
    if (!isThere || (member.type === 'file' && sha256 === undefined)) {
      throw new StowageError('changed', `'${displayName(`${day}/${member.path}`)}' changed while it was written`, {
        hint: 'run the same command again',
      });
    }
    there.set(member.path, sha256 === undefined ? member : { ...member, sha256 });
  }
  return there;
}

/** Records that these members of a day are on the disc. */
export async function recordOnDisc(
  run: PoolRun,
  { target }: PoolDisc,
  by: string,
  { day }: StagedDay,
  members: ReadonlyMap<string, Member>,
  { begun }: MediumFacts,
  span = false,
): Promise<void> {
  if (begun === undefined) throw new StowageError('corrupt', `'${displayName(target)}' holds no session`);
  const place = `${begun.label} on ${displayName(target)}`;
  const disc = {
    label: begun.label,
    begun: begun.at,
    target: nameToJson(target),
    ...(span ? { span: true as const } : {}),
  };
  await recordStored(run, { day, by, place, disc, members });
}
