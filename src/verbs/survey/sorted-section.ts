import type { Entry } from '../../model/entry.ts';
import type { FateCounts } from './fate-counts.ts';
import type { FindingSource } from './finding-source.ts';
import type { KnownArchive } from './known-archive.ts';
import type { PartitionContext } from './plan-partition.ts';
import type { PlannedArchive } from './planned-archive.ts';

/** The lines of a listing by the archives that they go to: in memory, or, where there are too many, in files by partition. */
export interface SortedSection {
  /** True if all of it is here, and the crew had nothing to do with it. */
  readonly inMemory: boolean;
  /** Places that could not be looked at and below which anything may lie. */
  readonly blind: readonly string[];
  readonly empty: readonly EmptyPlace[];
  /** What goes to an archive that the store has and nothing explains: none, the only one, or at least two. */
  entriesOf(archive: string): readonly Entry[];
  /** Plans every archive. `known` has those of which the store or the record knows. */
  plan(known: readonly KnownArchive[], context: PartitionContext): Promise<PlannedSection>;
}

/** Every archive of a section with what is to be done, in no order. */
export interface PlannedSection {
  readonly archives: readonly PlannedArchive[];
  readonly counts: FateCounts;
  readonly findings: FindingSource;
}

/** A directory that held nothing on one disk. */
export interface EmptyPlace {
  readonly path: string;
  readonly disk: string;
}
