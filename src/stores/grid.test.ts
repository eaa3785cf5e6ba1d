import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { hasXrootd, type TestGrid, testGrid } from '../../test/scratch-grid.ts';
import { storeContract } from '../store/contract.ts';
import { type GridStoreOptions, gridStore } from './grid.ts';

const { describe, test } = needing(hasXrootd());

let grid: TestGrid;
beforeAll(async () => {
  if (hasXrootd()) grid = await testGrid();
});
afterAll(() => grid?.end());

/** A store in a new directory of the Grid. */
async function place(options: Partial<GridStoreOptions> = {}) {
  const [root, state] = await Promise.all([grid.newRoot(), scratchFolder()]);
  const open = (more: Partial<GridStoreOptions> = {}) => {
    const store = gridStore(root, { state, connection: { env: grid.variables }, ...options, ...more });
    onTestFinished(() => store.close());
    return store;
  };
  return { root, state, open, store: open() };
}

describe('a directory of the Grid keeps the contract', () => {
  const cases = storeContract.map((one) => [one.name, one] as const);
  test.each(cases)('%s', async (_name, one) => {
    const { store, open } = await place();
    await one.run({ store, reopen: async () => open(), prefix: 'scratch/' });
  });
});
