import { StowageError } from '../../../errors.ts';
import { displayName } from '../../../model/byte-name.ts';
import type { CopyLine, CopyPair } from './copy-line.ts';
import type { CopyPlan, LeftOut, PlanParts } from './copy-plan.ts';
import { type Found, filesOfGrid, filesOfMachine } from './found-files.ts';
import { knownNames } from './known-names.ts';
import { withPattern } from './path-pattern.ts';
import { type PlacedPair, placedPair, targetOf } from './placed-pair.ts';
import { copyGathering } from './planned-copies.ts';

/**
 * Finds all that is to be copied, and its names. What cannot be copied is left out and told; throws where nothing may begin: two sources for one name, copies within the Grid or within this
 * machine, places that say nothing.
 */
export async function makePlan(parts: PlanParts, line: CopyLine, pairs: readonly CopyPair[]): Promise<CopyPlan> {
  const { grid, home, options } = parts;
  const named: PlacedPair[] = [];
  for (const pair of pairs) named.push(await placedPair(pair, { grid, home }));
  const known = new Map(await knownOf(named));
  const placed = named.map((pair) => withPattern(pair, line.filters, (lfn) => known.has(lfn)));
  for (const [lfn, entry] of await knownOf(placed.filter(({ lfn }, index) => lfn !== named[index]!.lfn))) {
    known.set(lfn, entry);
  }
  const gathering = copyGathering();
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
  const repeated = gathering.repeated();
  if (repeated > 0) told.push(`${repeated} of the files were named more than once`);
  return { copies: gathering.copies(), leftOut, told };

  function knownOf(of: readonly PlacedPair[]): ReturnType<typeof knownNames> {
    return knownNames(
      grid,
      of.map(({ lfn }) => lfn),
      options,
    );
  }

  function add(
    pair: PlacedPair,
    found: Extract<Found, { kind: 'file' }>,
    target: ReturnType<typeof targetOf>,
  ): boolean {
    try {
      gathering.add(pair, found, target);
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
