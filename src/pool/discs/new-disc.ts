import type { MediumFacts } from '../../disc/look-at-medium.ts';
import { buildMediaLabel } from '../../disc/media-label.ts';
import type { Writer } from '../../disc/writer.ts';
import type { DiscSection } from '../configuration/pool-configuration.ts';

/** What decides whether a disc is begun anew. */
export interface NewDiscQuestion {
  /** True with `--full` and for a rebuild: always. */
  readonly rebuildMedia: boolean;
  readonly todayIsStart: boolean;
  readonly blankBehavior: DiscSection['blankBehavior'];
  readonly today: Date;
  readonly medium: MediumFacts;
}

/**
 * Whether a disc is begun anew: always where that is asked for; else on the first day of the week, or with a blank behavior where there is less room than
 * its factor asks for. One that was begun today is not begun again: what was stored this morning is on it. `writer` has the session that would be appended; nothing is written.
 */
export async function wantsNewDisc(question: NewDiscQuestion, writer: Writer, signal?: AbortSignal): Promise<boolean> {
  const { rebuildMedia, todayIsStart, blankBehavior, today, medium } = question;
  if (rebuildMedia) return true;
  if (blankBehavior === undefined) return todayIsStart && !isBegunOn(medium, today);
  if (blankBehavior.mode === 'weekly' && !todayIsStart) return false;
  const given = signal === undefined ? {} : { signal };
  const { available } = await writer.retrieveCapacity(given);
  const required = await writer.getEstimatedImageSize(signal);
  return available / (1 + required) <= blankBehavior.factor;
}

/** True if a disc was begun on this day; the discs of a span have their number behind the date. */
export function isBegunOn({ begun }: MediumFacts, day: Date): boolean {
  return begun?.label.startsWith(buildMediaLabel(day)) ?? false;
}
