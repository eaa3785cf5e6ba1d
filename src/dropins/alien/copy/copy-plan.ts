import type { StowageError } from '../../../errors.ts';
import type { GridSession } from '../../../grid/connect.ts';
import type { CopyJob } from '../../../grid/copy/copy-job.ts';
import type { SendOptions } from '../../../grid/session.ts';

/** What a plan is made from. */
export interface PlanParts {
  readonly grid: GridSession;
  /** The home on this machine, for `file:~/`. */
  readonly home: string;
  readonly options: SendOptions;
}

/** A file to copy. */
export interface PlannedCopy {
  readonly job: CopyJob;
  /** Undefined where nobody said. */
  readonly bytes: number | undefined;
}

/** Something that was asked for and is not copied; `name` is for people. */
export interface LeftOut {
  readonly name: string;
  readonly reason: StowageError;
}

/** The files to copy. Each is made when it is asked for: of very many, little more than their names is kept. */
export interface PlannedCopies extends Iterable<PlannedCopy> {
  readonly length: number;
  at(index: number): PlannedCopy;
}

/** What a command line of cp comes to. */
export interface CopyPlan {
  readonly copies: PlannedCopies;
  readonly leftOut: readonly LeftOut[];
  /** What is no failure, and should be known. */
  readonly told: readonly string[];
}

/** The name that a job's file has where it comes from, and the one that it is to have. */
export function endsOf(job: CopyJob): { readonly source: string; readonly target: string } {
  return job.kind === 'upload' ? { source: job.local, target: job.lfn } : { source: job.lfn, target: job.local };
}
