import { displayName } from '../model/byte-name.ts';
import type { Event } from '../verbs/events.ts';
import type { SampleResult, Verdict } from '../verbs/verify/verify-event.ts';
import type { Paint } from './paint.ts';
import { boundText, countText, numberText, sizeText } from './quantities.ts';
import type { ReportOptions } from './reporter.ts';

/** What one archive was found to be; of an intact one only with -v. */
export function verdictText(verdict: Verdict, options: ReportOptions, paint: Paint): string | undefined {
  const { archive, level, outcome, problems, readBy, copies } = verdict;
  if (outcome === 'intact')
    return options.verbose
      ? `${paint('green', 'intact')}  ${displayName(archive)}  (${level}${readBy === undefined ? '' : ' by the store'}${copies === undefined ? '' : `, ${countText(copies, 'replica')}`})`
      : undefined;
  const shown = options.verbose ? problems : problems.slice(0, 5);
  const more = problems.length > shown.length ? [`… and ${problems.length - shown.length} more; -v shows all`] : [];
  return [`${paint('red', outcome)}  ${displayName(archive)}`, ...shown, ...more].join('\n  ');
}

/** Which sample is looked at. */
export function sampleText({ archives, of, seed }: Event & { readonly kind: 'sample' }): string {
  return `a random sample of ${numberText(archives)} of ${countText(of, 'archive')}; --seed '${displayName(seed)}' draws it again`;
}

/** What there was no time for. */
export function postponedText({ archives, bytes }: Event & { readonly kind: 'postponed' }): string {
  return `${countText(archives, 'archive')} (${sizeText(bytes)}) left when the time was over; the next run begins with what was not looked at for the longest time`;
}

/** What a verification found, and what its sample says about all. */
export function verifiedText(event: Event & { readonly kind: 'verified' }): string {
  const { intact, damaged, missing, unproven = 0, bytes, level, recent, since, sample, unrecorded } = event;
  const bad = `${damaged > 0 ? `, ${numberText(damaged)} damaged` : ''}${missing > 0 ? `, ${numberText(missing)} missing` : ''}`;
  const untold = unproven > 0 ? `, ${numberText(unproven)} not to be told` : '';
  const lines = [`${countText(intact, 'archive')} intact${bad}${untold}, at the level ${level} (${sizeText(bytes)})`];
  if (recent) lines.push(`${countText(recent, 'archive')} not looked at again: intact at that level since ${since}`);
  if (sample !== undefined) lines.push(sampleResultText(sample, level));
  if (unrecorded) lines.push('not recorded: stowage status and --max-age know nothing of it');
  return lines.join('\n');
}

function sampleResultText({ archives, of, bad, atMost, confidence }: SampleResult, level: string): string {
  const found = bad === 0 ? 'all intact' : `${numberText(bad)} damaged or missing`;
  const checked = `${numberText(archives)} of ${countText(of, 'archive')} checked at the level ${level}, ${found}`;
  if (archives === of) return checked;
  const bound = `at most ${numberText(atMost)} of all (${boundText(atMost / of)}) ${atMost === 1 ? 'is' : 'are'} damaged or missing`;
  return `${checked}: with ${Math.round(confidence * 100)}% confidence ${bound}`;
}
