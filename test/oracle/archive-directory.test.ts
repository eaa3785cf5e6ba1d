import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { extractDirectoryName } from '../../src/hpss-entry.ts';
import { directoryOfArchive } from '../../src/rules/archive-directory.ts';
import { agreesUnlessListed } from './agreement.ts';
import { listedDifferences } from './differences.ts';

const listed = listedDifferences();
const load = (path: string) => JSON.parse(readFileSync(new URL(`hpss/${path}`, import.meta.url), 'utf8'));

const table = (load('extract-table/expected.json') as { return: Record<string, string> }).return;
const names = new Map(
  Object.entries(table).map(([archive, directory]) => [`extract-table: ${archive}`, { archive, directory }]),
);

test('there are names, and every listed one is among them', () => {
  expect(names.size).toBeGreaterThan(30);
  for (const name of listed.keys()) if (name.startsWith('extract-table')) expect([...names.keys()]).toContain(name);
});

test.each([...names])('%s', (name, { archive, directory }) => {
  agreesUnlessListed(name, extractDirectoryName(archive), directory);
});

// A name that both read alike stands for that directory, if the members lie there.
test.each(
  [...names].filter(
    ([name, { archive }]) => !listed.has(name) && /^[^/].*\.tar$/.test(archive) && !archive.includes('//'),
  ),
)('%s, with members', (_, { archive, directory }) => {
  const above = archive.split('/').slice(0, -1);
  const expected = [...above, ...(directory === '' ? [] : [directory])].join('/');
  expect(directoryOfArchive(archive, [`${expected}/a`, `${expected}/b/c`]).directories).toEqual([expected]);
});
