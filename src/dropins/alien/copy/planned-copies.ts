import { StowageError } from '../../../errors.ts';
import type { CopyJob } from '../../../grid/copy/copy-job.ts';
import { displayName } from '../../../model/byte-name.ts';
import { endsOf, type PlannedCopies, type PlannedCopy } from './copy-plan.ts';
import type { PlacedPair } from './placed-pair.ts';

/** A file that was found: where, and what is known of its content. */
export interface FoundContent {
  /** Its path below the directory that was named; undefined for a file that was named itself. */
  readonly below: string | undefined;
  readonly bytes: number | undefined;
  /** Only of files of the Grid. */
  readonly md5?: string;
  readonly changed?: Date;
}

/** Gathers the files of a plan. */
export interface CopyGathering {
  /**
   * Adds a file of a pair; what was added before is not added again. Throws what `target` throws, and then nothing is added.
   */
  add(pair: PlacedPair, found: FoundContent, target: (below: string | undefined) => string): void;
  /** How many were added more than once. */
  repeated(): number;
  /** All of them. Throws `refused` if two have one target, or one is to lie below another. */
  copies(): PlannedCopies;
}

/** The files of one pair, as far as they are the same for all. */
interface Origin {
  readonly pair: PlacedPair;
  readonly target: (below: string | undefined) => string;
}

/** What is kept of each file; there may be very many. */
interface Row {
  readonly origin: Origin;
  readonly below: string | undefined;
  readonly bytes: number | undefined;
  readonly md5: string | undefined;
  readonly changedMs: number | undefined;
}

/** A gathering of nothing yet. */
export function copyGathering(): CopyGathering {
  const rows: Row[] = [];
  const byTarget = { upload: new Map<string, number>(), download: new Map<string, number>() };
  let origin: Origin | undefined;
  let repeated = 0;
  let clashing: StowageError | undefined;

  return {
    add(pair, { below, bytes, md5, changed }, target) {
      if (origin?.pair !== pair) origin = { pair, target };
      const name = target(below);
      const known = byTarget[pair.kind].get(name);
      if (known === undefined) {
        byTarget[pair.kind].set(name, rows.length);
        rows.push({ origin, below, bytes, md5, changedMs: changed?.getTime() });
        return;
      }
      const other = rows[known]!;
      const source = sourceOf(pair, below);
      if (sourceOf(other.origin.pair, other.below) !== source || !isSamePlace(other.origin.pair, pair)) {
        clashing ??= clash(sourceOf(other.origin.pair, other.below), source, name);
      } else repeated += 1;
    },
    repeated: () => repeated,
    copies() {
      if (clashing !== undefined) throw clashing;
      for (const targets of Object.values(byTarget))
        refuseNested(targets, (index) => endsOf(jobOf(rows[index]!)).source);
      return {
        length: rows.length,
        at: (index) => plannedOf(rows[index]!),
        *[Symbol.iterator]() {
          for (const row of rows) yield plannedOf(row);
        },
      };
    },
  };
}

function plannedOf(row: Row): PlannedCopy {
  return { job: jobOf(row), bytes: row.bytes };
}

function jobOf({ origin: { pair, target }, below, bytes, md5, changedMs }: Row): CopyJob {
  const { where } = pair;
  const source = sourceOf(pair, below);
  if (pair.kind === 'upload') return { kind: 'upload', local: source, lfn: target(below), where };
  const known =
    bytes === undefined || changedMs === undefined
      ? {}
      : { known: { bytes, changed: new Date(changedMs), ...(md5 === undefined ? {} : { md5 }) } };
  return { kind: 'download', lfn: source, local: target(below), where, ...known };
}

function sourceOf({ kind, local, lfn }: PlacedPair, below: string | undefined): string {
  const named = kind === 'upload' ? local : lfn;
  return below === undefined ? named : `${named === '/' ? '' : named}/${below}`;
}

function isSamePlace(one: PlacedPair, other: PlacedPair): boolean {
  return one.where.join() === other.where.join();
}

function refuseNested(targets: ReadonlyMap<string, number>, sourceAt: (index: number) => string): void {
  for (const [target, index] of targets) {
    for (let at = target.lastIndexOf('/'); at > 0; at = target.lastIndexOf('/', at - 1)) {
      const above = targets.get(target.slice(0, at));
      if (above !== undefined) throw clash(sourceAt(above), sourceAt(index), target.slice(0, at));
    }
  }
}

function clash(one: string, other: string, target: string): StowageError {
  return new StowageError(
    'refused',
    `cp: '${displayName(one)}' and '${displayName(other)}' would both be '${displayName(target)}'; nothing was copied`,
    { hint: 'keep more of their names with -parent N or -rmprefix N', facts: { errno: 17 } },
  );
}
