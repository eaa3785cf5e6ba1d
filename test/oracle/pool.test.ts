import { expect, test } from 'vitest';
import { needing } from '../needing.ts';
import { ourEnding, poolCases, recordedEnding } from '../pool-case.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { agreesUnlessListed } from './agreement.ts';
import { listedDifferences } from './differences.ts';

const asRoot = needing(process.getuid?.() === 0);
const cases = poolCases('cpvh');

asRoot.test.each(cases)('%s', async (name) => {
  const root = await scratchFolder();
  agreesUnlessListed(name, await ourEnding(name, root), recordedEnding(name, root));
});

test('all that is listed was recorded', () => {
  const listed = [...listedDifferences().keys()].filter((name) => /^[cpvh][0-9]{2}-/.test(name));
  for (const name of listed) expect(cases).toContain(name);
});
