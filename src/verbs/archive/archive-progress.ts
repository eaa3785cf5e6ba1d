import type { VerbOptions } from '../project.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import { membersOf } from './work-units.ts';

/** How far several archives are that are made at once. */
export interface ArchiveProgress {
  /** What is done of an archive since it was begun, or begun again. */
  within(plan: PlannedArchive, bytes: number, items: number): void;
  /** The archive is done with, well or not. */
  finished(plan: PlannedArchive): void;
}

/** Tells of the sum of all that is due. */
export function archiveProgress(due: readonly PlannedArchive[], tell: VerbOptions['progress']): ArchiveProgress {
  const totalItems = due.reduce((sum, plan) => sum + membersOf(plan), 0);
  const totalBytes = due.reduce((sum, plan) => sum + plan.bytes, 0);
  const parts = new Map<PlannedArchive, { readonly bytes: number; readonly items: number }>();
  let bytes = 0;
  let items = 0;
  const set = (plan: PlannedArchive, part: { readonly bytes: number; readonly items: number }) => {
    const before = parts.get(plan);
    parts.set(plan, part);
    bytes += part.bytes - (before?.bytes ?? 0);
    items += part.items - (before?.items ?? 0);
    tell?.({ stage: 'archive', items, bytes, totalItems, totalBytes });
  };
  return {
    within: (plan, bytes, items) => set(plan, { bytes, items }),
    finished: (plan) => set(plan, { bytes: plan.bytes, items: membersOf(plan) }),
  };
}
