import { displayName, displayText } from '../model/byte-name.ts';
import type { Reason } from '../plan/plan-archive.ts';
import type { Event } from '../verbs/events.ts';
import type { DueArchive } from '../verbs/survey/survey-event.ts';
import { countText, sizeText } from './quantities.ts';

/** An archive that is due, as one line: what, how much, why. */
export function dueText(plan: DueArchive): string {
  const count = plan.members + plan.carried;
  const carried = plan.carried === 0 ? '' : `, ${plan.carried.toLocaleString('en-US')} of them carried over`;
  const reasons = plan.reasons.map(reasonText).join('; ');
  const { packing } = plan;
  const how = packing?.by === 'us' ? `; to be streamed: ${displayText(packing.why)}` : '';
  return `missing  ${displayName(plan.key)}  ${countText(count, 'file')}, ${sizeText(plan.bytes)}${carried}  (${reasons}${how})`;
}

/** What a look at a section adds up to, as two lines. */
export function surveyedText({ section, counts, archives }: Event & { readonly kind: 'surveyed' }): string {
  const fates = (['archived', 'excluded', 'automated', 'unmapped', 'ambiguous', 'refused'] as const)
    .filter((fate) => counts[fate] > 0)
    .map((fate) => `${counts[fate].toLocaleString('en-US')} ${fate === 'archived' ? 'mapped' : fate}`);
  const due =
    archives.due === 0
      ? archives.withheld === 0
        ? 'nothing is missing'
        : 'nothing to make'
      : `${archives.due.toLocaleString('en-US')} missing (${countText(archives.dueMembers, 'file')}, ${sizeText(archives.dueBytes)})`;
  const withheld = archives.withheld === 0 ? '' : `, ${archives.withheld} not to be made`;
  const name = displayName(section);
  return [
    `${name}: ${countText(counts.entries, 'entry', 'entries')}, ${sizeText(counts.bytes)}: ${fates.join(', ') || 'nothing'}`,
    `${name}: ${countText(archives.kept, 'archive')} up to date, ${due}${withheld}`,
  ].join('\n');
}

function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'absent':
      return 'not in the store';
    case 'lost':
      return `recorded on ${reason.recordedAt}, no longer in the store`;
    case 'damaged':
      return `damaged: ${reason.what}`;
    case 'members':
      return [reason.added > 0 ? `${reason.added} new` : '', reason.changed > 0 ? `${reason.changed} changed` : '']
        .filter((part) => part !== '')
        .join(', ');
  }
}
