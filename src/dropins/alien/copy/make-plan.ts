import { StowageError } from '../../../errors.ts';
import { displayName } from '../../../model/byte-name.ts';
import type { CopyLine, CopyPair } from './copy-line.ts';
import { type CopyPlan, endsOf, type LeftOut, type PlannedCopy, type PlanParts } from './copy-plan.ts';
import { type Found, filesOfGrid, filesOfMachine } from './found-files.ts';
import { knownNames } from './known-names.ts';
import { type PlacedPair, placedPair, targetOf } from './placed-pair.ts';
import { clashOf } from './target-names.ts';

/**
 * Finds all that is to be copied, and its names. What cannot be copied is left out and told; throws where nothing may begin: two sources for one name, copies within the Grid or within this
 * machine, places that say nothing.
 */
export async function makePlan(parts: PlanParts, line: CopyLine, pairs: readonly CopyPair[]): Promise<CopyPlan> {
  const { grid, home, options } = parts;
  const placed: PlacedPair[] = [];
  for (const pair of pairs) placed.push(await placedPair(pair, { grid, home }));
  const known = await knownNames(
    grid,
    placed.map(({ lfn }) => lfn),
    options,
  );
  const copies: PlannedCopy[] = [];
  const leftOut: LeftOut[] = [];
  const told: string[] = [];
  let directories = 0;
  for (const pair of placed) {
    const finding =
      pair.kind === 'upload' ? filesOfMachine(pair, line) : filesOfGrid(pair, line, known.get(pair.lfn), parts);
    const target = targetOf(pair, line, known.get(pair.lfn));
    for await (const found of finding) {
      if (found.kind === 'told') told.push(found.text);
      else if (found.kind === 'left out') leftOut.push(found);
      else {
        if (found.below !== undefined) directories += 1;
        // A file where a directory is to be stands in the way of all that would go there.
        if (!add(pair, found, target)) break;
      }
    }
  }
  if (directories === 0 && leftOut.length === 0 && line.filters.given.length > 0) {
    told.push(`${line.filters.given.join(', ')} choose among the files of a directory, and no source is one`);
  }
  return { ...withoutRepetitions(copies, told), leftOut, told };

  function add(
    pair: PlacedPair,
    found: Extract<Found, { kind: 'file' }>,
    target: ReturnType<typeof targetOf>,
  ): boolean {
    try {
      copies.push({ job: found.job(target(found.below)), bytes: found.bytes });
    } catch (error) {
      if (!(error instanceof StowageError)) throw error;
      if (error.code === 'exists') {
        leftOut.push({ name: pair.shown, reason: error });
        return false;
      }
      leftOut.push({
        name: `${pair.shown}${found.below === undefined ? '' : ` (${displayName(found.below)})`}`,
        reason: error,
      });
    }
    return true;
  }
}

/** The same file named twice for the same place is one; two for one place are refused. */
function withoutRepetitions(
  copies: readonly PlannedCopy[],
  told: string[],
): { readonly copies: readonly PlannedCopy[] } {
  const seen = new Set<string>();
  const once = copies.filter(({ job }) => {
    const key = JSON.stringify([endsOf(job), job.where]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  if (once.length < copies.length) told.push(`${copies.length - once.length} of the files were named more than once`);
  for (const kind of ['upload', 'download'] as const) {
    const clash = clashOf(once.filter(({ job }) => job.kind === kind).map(({ job }) => endsOf(job)));
    if (clash === undefined) continue;
    const [one, other] = clash.sources.map(displayName);
    throw new StowageError(
      'refused',
      `cp: '${one}' and '${other}' would both be '${displayName(clash.target)}'; nothing was copied`,
      { hint: 'keep more of their names with -parent N or -rmprefix N', facts: { errno: 17 } },
    );
  }
  return { copies: once };
}
