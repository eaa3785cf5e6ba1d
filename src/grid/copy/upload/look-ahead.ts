import type { ParallelGrid } from '../../connect.ts';
import type { CatalogueEntry } from '../../grid-results.ts';
import { whenReachable } from '../when-reachable.ts';

interface Question {
  readonly lfn: string;
  resolve(found: CatalogueEntry | undefined): void;
  reject(error: unknown): void;
}

/** Most names of one request. */
const most = 50;

/** Looks names up in the catalogue, all that are asked for while one request is under way in the next one. */
export function lookAhead(grid: ParallelGrid): (lfn: string) => Promise<CatalogueEntry | undefined> {
  const waiting: Question[] = [];
  let isUnderWay = false;

  async function work(): Promise<void> {
    isUnderWay = true;
    // Those that are asked in the same breath go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const questions = waiting.splice(0, most);
      try {
        const found = await whenReachable(() => grid.statAll(questions.map(({ lfn }) => lfn)));
        for (const { lfn, resolve } of questions) resolve(found.get(lfn));
      } catch (error) {
        for (const { reject } of questions) reject(error);
      }
    }
    isUnderWay = false;
  }

  return (lfn) =>
    new Promise((resolve, reject) => {
      waiting.push({ lfn, resolve, reject });
      if (!isUnderWay) void work();
    });
}
