import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { hasXrootd, type TestGrid, testGrid } from '../../test/scratch-grid.ts';
import { storeKey } from '../model/store-key.ts';
import { storeContract } from '../store/contract.ts';
import { keysOf, put } from '../store/contract-checks.ts';
import { type GridStoreOptions, gridStore } from './grid.ts';
import { gridLink } from './grid-link.ts';
import { filesBelow } from './grid-look.ts';

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

test('a listing that is too long for one answer is asked for by directories, and is the same', async () => {
  const { root, store } = await place({ where: ['disk:1'] });
  for (const name of ['a', 'd/b', 'd/c', 'd/e/f', 'd/e/g', '.h/i']) await put(store, storeKey(name), name);
  const link = gridLink({ env: grid.variables });
  onTestFinished(() => link.close());
  await link.use(async (sessions) => {
    const listed = async (most: number) => {
      const found: string[] = [];
      for await (const { lfn, bytes, guid } of filesBelow(sessions, root, {}, most))
        found.push(`${lfn} ${bytes} ${guid}`);
      return found.sort();
    };
    const all = await listed(100);
    expect(all).toHaveLength(6);
    for (const most of [1, 2, 5]) expect(await listed(most), `at most ${most}`).toEqual(all);
  });
});

test('a directory that is not there is an error, never an empty store', async () => {
  const { root, state } = await place();
  for (const wrong of [`${root}/nowhere`, `${root}x`]) {
    const store = gridStore(wrong, { state, connection: { env: grid.variables } });
    onTestFinished(() => store.close());
    for (const look of [() => store.stat(storeKey('a')), () => keysOf(store, ''), () => store.write(storeKey('a'), [])])
      await expect(look(), wrong).rejects.toMatchObject({ code: 'unavailable' });
  }
});
