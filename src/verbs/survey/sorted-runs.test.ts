import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { nameFromBytes } from '../../model/byte-name.ts';
import { rowLine } from '../../shards/listing-row.ts';
import { sortedRuns } from './sorted-runs.ts';

const anyPath = fc.oneof(
  fc.constantFrom('a', 'b', 'a/b', '\udcff', '日', 'a,b'),
  fc.uint8Array({ minLength: 1, maxLength: 4 }).map(nameFromBytes),
);
const facts = { disk: '/d', type: 'file', mtimeNs: 0n, mode: 0o644, uid: 0, gid: 0 } as const;

test('lines come back by path, those of one path as they came, however many are held', async () => {
  const folder = await scratchFolder();
  let run = 0;
  fc.assert(
    fc.property(fc.array(anyPath, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (paths, held) => {
      const lines = paths.map((path, bytes) => ({ path, line: rowLine({ ...facts, path, bytes }, 0).slice(0, -1) }));
      run += 1;
      const runs = sortedRuns(join(folder, String(run)), held);
      for (const { line } of lines) runs.add(line);
      const expected = [...lines].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
      // They can be read again.
      for (let times = 0; times < 2; times += 1) expect([...runs.lines()]).toEqual(expected.map(({ line }) => line));
    }),
  );
});
