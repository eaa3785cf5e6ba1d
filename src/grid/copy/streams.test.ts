import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { copyStand } from '../../../test/copies.ts';
import { needing } from '../../../test/needing.ts';
import { hasXrootd } from '../../../test/xrootd-servers.ts';

needing(hasXrootd).test('a large file goes over as many sockets as are asked for, up and down', async () => {
  const { grid, copy, upload, folder } = await copyStand([{ name: 'ONE', line: {} }]);
  const bytes = randomBytes(3_000_000);
  const options = { streams: 3, chunkBytes: 100_000 };
  const job = upload('big', bytes, 'disk:1');
  expect((await copy([job], options)).at(-1)).toMatchObject({ kind: 'copied' });
  const { passed } = grid.element('ONE').relay!;
  expect(passed.filter(({ up }) => up > 500_000)).toHaveLength(3);
  const local = join(folder, 'back');
  const back = { kind: 'download', lfn: job.lfn, local, where: [] } as const;
  expect((await copy([back], options)).at(-1)).toMatchObject({ kind: 'copied' });
  expect(readFileSync(local).equals(bytes)).toBe(true);
  expect(passed.filter(({ down }) => down > 500_000)).toHaveLength(3);
});
