import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { directoryNameOf, directoryOfArchive } from '../../src/rules/archive-directory.ts';
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
  agreesUnlessListed(name, directoryNameOf(archive), directory);
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

const processed = ['process-dir-prefix-real', 'process-x-real', 'process-x-middle-real', 'process-x-no-parent-real'];

test.each(processed)('the directories of %s', (name) => {
  const { calls = [] } = load(`${name}/expected.json`) as { calls?: { tool: string; argv: string[]; cwd: string }[] };
  const htar = calls.find(({ tool }) => tool === 'htar');
  const original = htar && { base: htar.cwd.replace('@W@/root/data/', ''), directories: htar.argv.slice(4) };
  const [[archive, { files }]] = Object.entries(load(`${name}/input/missing.json`)) as [[string, { files: string[] }]];
  const { base, directories } = directoryOfArchive(archive, files);
  const ours = { base, directories: directories.map((one) => one.slice(base.length + 1)) };
  agreesUnlessListed(name, ours, original);
});

function agreesUnlessListed(name: string, ours: unknown, original: unknown): void {
  if (listed.has(name)) expect(ours, `listed as differing: ${listed.get(name)}`).not.toEqual(original);
  else expect(ours, 'not in docs/differences.md').toEqual(original);
}
