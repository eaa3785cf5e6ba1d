import type { Finding, Severity } from '../../plan/finding.ts';
import type { Difference } from '../reconcile/difference.ts';
import type { FateCounts } from './fate-counts.ts';
import type { PlannedArchive } from './planned-archive.ts';

/** What disk, store and record come to when they are joined. */
export type SurveyEvent =
  | { readonly kind: 'finding'; readonly section: string; readonly severity: Severity; readonly finding: Finding }
  | { readonly kind: 'due'; readonly section: string; readonly plan: DueArchive }
  | {
      readonly kind: 'surveyed';
      readonly section: string;
      readonly counts: FateCounts;
      readonly archives: ArchiveCounts;
    }
  | {
      readonly kind: 'reconciled';
      readonly section: string;
      /** How many entries are on disk, no directories. */
      readonly entries: number;
      /** How many archives are recorded, and how many objects the store lists. */
      readonly recorded: number;
      readonly listed: number;
      readonly differences: readonly Difference[];
    };

/** An archive that is to be made. */
export type DueArchive = Omit<PlannedArchive, 'load'>;

export interface ArchiveCounts {
  readonly due: number;
  readonly kept: number;
  readonly withheld: number;
  readonly dueBytes: number;
  readonly dueMembers: number;
}
