import type { Finding } from '../../plan/finding.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { Survey } from '../survey/survey.ts';
import type { Difference, DifferenceKind } from './difference.ts';

/** In the order in which the differences are told. */
const order: readonly DifferenceKind[] = [
  'in-motion',
  'unseen',
  'missing',
  'changed',
  'damaged',
  'lost',
  'altered',
  'unrecorded',
  'unexplained',
  'unknown-runs',
  'unmapped',
  'ambiguous',
  'plain-clash',
  'refused',
  'withheld',
  'gone',
];

/** Counts differences. */
export interface Tally {
  /** Counts it if its kind is one of a difference. */
  addFinding(finding: Finding): void;
  addDue(plan: Pick<PlannedArchive, 'reasons' | 'bytes'>): void;
  /** Those that there are, in the order in which they are told. */
  differences(): readonly Difference[];
}

/** A tally at nothing. What paths without an archive hold comes from the survey's counts: their findings do not tell it. */
export function tallying({ counts }: Pick<Survey, 'counts'>): Tally {
  const tally = new Map<DifferenceKind, { count: number; bytes?: number }>();
  const add = (kind: DifferenceKind, bytes?: number) => {
    const one = tally.get(kind) ?? { count: 0 };
    one.count += 1;
    if (bytes !== undefined) one.bytes = (one.bytes ?? 0) + bytes;
    tally.set(kind, one);
  };
  const ofPaths: { readonly [kind in DifferenceKind]?: number } = {
    unmapped: counts.unmappedBytes,
    ambiguous: counts.ambiguousBytes,
    refused: counts.refusedBytes,
  };
  return {
    addFinding(finding) {
      if (isDifference(finding.kind)) add(finding.kind, 'bytes' in finding ? finding.bytes : undefined);
    },
    addDue(plan) {
      const kind = dueAs(plan);
      if (kind !== undefined) add(kind, plan.bytes);
    },
    differences: () =>
      order.flatMap((difference) => {
        const one = tally.get(difference);
        if (one === undefined) return [];
        const bytes = ofPaths[difference] ?? one.bytes;
        return [{ difference, count: one.count, ...(bytes === undefined ? {} : { bytes }) }];
      }),
  };
}

function isDifference(kind: string): kind is DifferenceKind {
  return (order as readonly string[]).includes(kind);
}

/** What an archive that is to be made is; a lost one is told as such. */
function dueAs({ reasons }: Pick<PlannedArchive, 'reasons'>): 'missing' | 'changed' | 'damaged' | undefined {
  if (reasons.some(({ kind }) => kind === 'absent')) return 'missing';
  if (reasons.some(({ kind }) => kind === 'lost')) return undefined;
  return reasons.some(({ kind }) => kind === 'damaged') ? 'damaged' : 'changed';
}
