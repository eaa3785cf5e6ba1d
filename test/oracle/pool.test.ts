import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { needing } from '../needing.ts';
import { type Ending, ourEnding, poolCases, recordedEnding } from '../pool-case.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { agreesUnlessListed } from './agreement.ts';
import { listedDifferences } from './differences.ts';

const asRoot = needing(process.getuid?.() === 0);
const cases = poolCases('cpvhx');

asRoot.test.each(cases)('%s', async (name) => {
  const root = await scratchFolder();
  if (name === 'x02-sysinfo') await withSmallSystem();
  const [ours, original] = [await ourEnding(name, root), recordedEnding(name, root)];
  agreesUnlessListed(name, withoutFacts(ours), withoutFacts(original));
});

/** To list all of a real system takes long. */
async function withSmallSystem(): Promise<void> {
  const folder = await scratchFolder();
  for (const name of ['dpkg', 'fdisk', 'ls'])
    writeFileSync(`${folder}/${name}`, '#!/bin/sh\necho x\n', { mode: 0o755 });
  const before = process.env.PATH;
  onTestFinished(() => {
    process.env.PATH = before;
  });
  process.env.PATH = `${folder}:${before}`;
}

/** What a machine says of itself is not what another one says. */
function withoutFacts(ending: Ending): Ending {
  return { ...ending, tree: ending.tree.map((line) => line.replace(/^(collect\/\S+\.txt\.bz2 .*) \d+ \S+$/, '$1')) };
}

test('all that is listed was recorded', () => {
  const listed = [...listedDifferences().keys()].filter((name) => /^[cpvhx][0-9]{2}-/.test(name));
  for (const name of listed) expect(cases).toContain(name);
});
