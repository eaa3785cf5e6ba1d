import { onTestFinished } from 'vitest';
import { connect } from '../src/grid/connect.ts';
import { homeOf } from './copies.ts';
import { type ElementOptions, type GridStand, gridStand } from './grid-stand.ts';
import { type Place, place } from './stowage.ts';

/** A configuration whose store is a directory of a Grid with these storage elements; the environment of this process leads there until the test ends. */
export async function gridPlace(
  rules: object,
  elements: readonly ElementOptions[],
  gridSettings: object = {},
): Promise<Place & { readonly grid: GridStand; readonly lfn: string }> {
  const grid = await gridStand(elements);
  const lfn = `${homeOf(grid)}/backup`;
  const session = connect({ env: grid.env });
  await session.mkdir(lfn).finally(() => session.close());
  for (const [name, value] of Object.entries(grid.env)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
  return { ...(await place(rules, { store: `grid:${lfn}`, grid: gridSettings })), grid, lfn };
}
