import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ScratchGrid, startScratchGrid } from '../src/sandbox/jalien/scratch-grid.ts';

export { hasXrootd } from '../src/sandbox/jalien/xrootd.ts';

/** A scratch Grid for the tests of a file: a central server and two real storage elements. */
export interface TestGrid extends ScratchGrid {
  /** A new directory in the home of the user. */
  newRoot(): Promise<string>;
  end(): Promise<void>;
}

/** Starts one. Whoever starts it ends it. */
export async function testGrid(): Promise<TestGrid> {
  const above = mkdtempSync(join(tmpdir(), 'stowage-grid-'));
  // Storage elements that are started by the superuser run as somebody else.
  chmodSync(above, 0o755);
  const grid = await startScratchGrid(join(above, 'grid'));
  return {
    ...grid,
    async newRoot() {
      const { connect } = await import('../src/grid/connect.ts');
      const session = connect({ env: grid.variables });
      const root = `${grid.home}/${randomBytes(4).toString('hex')}`;
      try {
        await session.mkdir(root);
      } finally {
        await session.close();
      }
      return root;
    },
    async end() {
      await grid.stop();
      rmSync(above, { recursive: true, force: true });
    },
  };
}
