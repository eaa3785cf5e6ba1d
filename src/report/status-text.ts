import { displayName } from '../model/byte-name.ts';
import { evidenceLevels } from '../model/evidence.ts';
import type { SectionStatus } from '../verbs/search/search-event.ts';
import { noRecordText } from './no-record-text.ts';
import type { Paint } from './paint.ts';
import { countText, numberText, shareText, sizeText } from './quantities.ts';

/** How a section stands, as lines for people; with `several` configurations, of which one. */
export function statusText(status: SectionStatus, several: boolean, paint: Paint): string {
  const { archives, members, bytes, rungs, oldestCheck } = status;
  const whose = several ? `${displayName(status.configuration)}: ` : '';
  const recorded = `${countText(archives, 'archive')}, ${countText(members, 'file')}, ${sizeText(bytes)}`;
  const lines = [
    `${whose}${displayName(status.section)}: ${status.unrecorded ? 'nothing is recorded in the state folder' : recorded}`,
    ...(several ? [line('store', displayName(status.store))] : []),
    lastRunText(status),
  ];
  const share = (part: number) => (bytes === 0 ? '' : ` (${shareText(part / bytes)} of the bytes)`);
  const levels = evidenceLevels
    .filter((level) => rungs[level] > 0)
    .map((level) => `${level} ${numberText(rungs[level])}${share(status.rungBytes[level])}`);
  if (levels.length > 0) lines.push(line('checked', levels.join(', ')));
  if (oldestCheck !== undefined) {
    const which = status.oldest && `: ${displayName(status.oldest.archive)} (${status.oldest.level})`;
    lines.push(line('oldest check', `${oldestCheck}${which ?? ''}`));
  }
  if (status.damaged.length > 0) {
    const damaged = `${numberText(status.damaged.length)}${share(status.damagedBytes)}`;
    lines.push(line(paint('red', 'damaged'.padEnd(14)), damaged));
  }
  if (status.neverVerified > 0) lines.push(line('never verified', `${status.neverVerified}`));
  for (const one of status.damaged) {
    lines.push(`    ${displayName(one.archive)}: ${one.problems[0] ?? ''}`);
  }
  if (status.unfinishedRuns.length > 0) {
    lines.push(line('interrupted', `${status.unfinishedRuns.join(', ')}; stowage archive goes on with it`));
  }
  if (status.holder !== undefined) lines.push(line('locked', `by ${status.holder}`));
  return lines.join('\n');
}

function lastRunText(status: SectionStatus): string {
  if (status.unrecorded) return `  ${noRecordText(status)}`;
  return status.lastRun === undefined ? '  no run of archive is recorded' : line('last archived', status.lastRun);
}

function line(word: string, text: string): string {
  return `  ${word.padEnd(14)}  ${text}`;
}
