import type { JournalWriter } from '../../catalog/journal-writer.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Finding } from '../../plan/finding.ts';
import type { Project } from '../project.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { StoredArchive } from './archive-event.ts';
import type { ArchiveWork } from './archive-work.ts';
import { isFatal } from './fatal.ts';
import { publishArchives } from './publish-archives.ts';
import type { WorkUnit } from './work-units.ts';
import { type WrittenArchive, writeArchive } from './write-archive.ts';
import type { WriteOptions } from './write-tries.ts';

/** What became of one archive. */
export interface Outcome {
  readonly plan: PlannedArchive;
  /** Absent if it failed, or if nothing was left to archive. */
  readonly stored?: StoredArchive;
  readonly findings: readonly Finding[];
  readonly error?: unknown;
}

export interface UnitOptions extends Omit<WriteOptions, 'progress'> {
  readonly load: (plan: PlannedArchive) => Promise<ArchiveWork>;
  readonly progress: (plan: PlannedArchive, bytes: number, items: number) => void;
  /** How many archives of a parcel are written at once: an fsync waits, and the disk takes several in one go. */
  readonly writesAtOnce: number;
  /** Runs a write to the store when there is room for one more. */
  readonly inTurn: <Result>(write: () => Promise<Result>) => Promise<Result>;
}

/**
 * Makes the archives of a unit: write and check each, then publish and record them together. One that fails does not stop the others.
 * Throws what is no error of an archive: a journal that cannot be written, a fault of ours.
 */
export async function makeUnit(
  project: Project,
  { plans }: WorkUnit,
  journal: JournalWriter,
  options: UnitOptions,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<StoreKey, Outcome>();
  const written = new Map<StoreKey, WrittenArchive>();
  const next = plans.values();
  const work = async () => {
    for (const plan of next) {
      try {
        const progress = (bytes: number, items: number) => options.progress(plan, bytes, items);
        const load = () => options.load(plan);
        const made = await options.inTurn(() => writeArchive(project, plan, load, { ...options, progress }));
        outcomes.set(plan.key, { plan, findings: made.findings });
        if (made.archive !== undefined) written.set(plan.key, made.archive);
      } catch (error) {
        if (isFatal(error)) throw error;
        outcomes.set(plan.key, { plan, findings: [], error });
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(options.writesAtOnce, plans.length) }, work));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  const group = plans.flatMap((plan) => written.get(plan.key) ?? []);
  for (const [key, published] of await publishArchives(project, group, journal, options)) {
    outcomes.set(key, { ...outcomes.get(key)!, ...published });
    written.get(key)?.members.discard();
  }
  return plans.map((plan) => outcomes.get(plan.key)!);
}
