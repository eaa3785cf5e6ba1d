import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('docs/formats/log.md has a row for each kind of line, and no others', () => {
  const sources = read('src/report/run-log.ts') + read('src/cli/run-log.ts');
  const kinds = [...sources.matchAll(/\b(?:note|fault)\('([a-z]+)'/g)].map(([, kind]) => kind);
  const rows = [...read('docs/formats/log.md').matchAll(/^\| `([a-z]+)` +\| (?!fields)/gm)].map(([, kind]) => kind);
  expect(rows.filter((kind) => kind !== 'log').sort()).toEqual([...new Set(kinds)].sort());
});
