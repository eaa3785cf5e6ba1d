import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../src/rules/configuration.ts';
import type { Fate } from '../../src/rules/fate.ts';
import { ruleSet } from '../../src/rules/rule-set.ts';
import { schemaKey, settingsKey } from '../../src/rules/section.ts';

const page = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');

/** Each block of JSON with the table behind it: a whole configuration, or what stands in a section. */
const examples = [
  ...page.matchAll(/^```json\n(.*?)^```\n\n\| path +\| becomes +\|\n\| -+ \| -+ \|\n((?:\|[^\n]*\n)+)/gms),
].map(([, json, table]) => {
  const value = JSON.parse(json!);
  const whole = settingsKey in value;
  const configuration = whole
    ? value
    : { [settingsKey]: { root: '/r', store: 'dir:v' }, data: { __exclude__: [], ...value } };
  return { configuration, rows: table!.trim().split('\n').map(cells) };
});

function cells(line: string): readonly [string, string] {
  const [, path, becomes] = /^\| `([^`]+)` +\| (.*?) +\|$/.exec(line) ?? [];
  if (path === undefined || becomes === undefined) throw new Error(`not a path and what it becomes: ${line}`);
  return [path, becomes];
}

test('every table of paths belongs to an example', () => {
  expect(examples.length).toBeGreaterThan(12);
  expect(examples).toHaveLength(page.match(/^\| path /gm)!.length);
});

test.each(examples.flatMap(({ configuration, rows }) => rows.map((row) => [...row, configuration] as const)))(
  '%s becomes %s',
  (path, becomes, value) => {
    const { configuration, problems } = readConfiguration(Buffer.from(JSON.stringify(value)), 'c.json');
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const name = Object.keys(value).find((key) => key !== settingsKey && key !== schemaKey)!;
    expect(told(ruleSet(configuration!.sections.get(name)!).fateOf(path))).toBe(becomes);
  },
);

function told(fate: Fate): string {
  return fate.kind === 'archived' ? `\`${fate.archive}\`` : fate.kind;
}
