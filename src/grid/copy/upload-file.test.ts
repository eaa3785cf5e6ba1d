import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { copyStand } from '../../../test/copies.ts';
import { needing } from '../../../test/needing.ts';
import { hasXrootd } from '../../../test/xrootd-servers.ts';

const { test } = needing(hasXrootd);

test('a file is stored at both elements, committed, and told', async () => {
  const stand = await copyStand([{ name: 'ONE' }, { name: 'TWO' }]);
  const job = stand.upload('a file', 'some bytes');
  const events = await stand.copy([job]);
  expect(events.at(-1)).toMatchObject({ kind: 'copied', bytes: 10, job });
  for (const name of ['ONE', 'TWO']) expect(readFileSync(stand.grid.replica(job.lfn, name), 'utf8')).toBe('some bytes');
});
