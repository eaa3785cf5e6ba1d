import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { ruleSet } from './rule-set.ts';
import type { Rule } from './section.ts';

const section = {
  __exclude__: ['d1/README.html', 'notes'],
  d1: {
    'd1/batch/.*$': 'd1/batch.tar',
    'd1/([^/]+\\.txt)$': 'd1/\\1',
    'd1/tmp/.*$': 'EXCLUDE',
    'd1/auto/.*$': 'AUTOMATED',
    'd1/auto/both/.*$': 'd1/both.tar',
    'd1/twice/a.*$': 'd1/twice.tar',
    'd1/twice/.*$': 'd1/twice.tar',
    'd1/up(.*)$': '..\\1',
    'd1/root$': '/root',
    'd1/gone(x?)$': '\\1',
    'd1/open': 'd1/open.tar',
  },
  empty: {},
  __top__: { '[^/]+\\.md$': 'top_files.tar' },
};
const bytes = Buffer.from(JSON.stringify({ __config__: { root: '/r', store: 'dir:v' }, data: section }));
const { configuration } = readConfiguration(bytes, 'c.json');
const data = configuration!.sections.get('data')!;
const rules = ruleSet(data);
const rule = (pattern: string): Rule => [...data.directories.values()].flat().find((one) => one.pattern === pattern)!;
const batch = rule('d1/batch/.*$');
const text = rule('d1/([^/]+\\.txt)$');

test.each([
  ['d1/batch/x/y', { kind: 'archived', archive: 'd1/batch.tar', rule: batch }],
  ['d1/a.txt', { kind: 'archived', archive: 'd1/a.txt', rule: text }],
  ['d1/\udcff.txt', { kind: 'archived', archive: 'd1/\udcff.txt', rule: text }],
  ['d1/openly', { kind: 'archived', archive: 'd1/open.tarly', rule: rule('d1/open') }],
  ['x.md', { kind: 'archived', archive: 'top_files.tar', rule: rule('[^/]+\\.md$') }],
  ['d1/README.html', { kind: 'excluded', rule: '__exclude__' }],
  ['notes', { kind: 'excluded', rule: '__exclude__' }],
  ['d1/tmp/x', { kind: 'excluded', rule: rule('d1/tmp/.*$') }],
  ['d1/auto/x', { kind: 'automated', rule: rule('d1/auto/.*$') }],
  ['d1/auto/both/x', { kind: 'ambiguous', rules: [rule('d1/auto/.*$'), rule('d1/auto/both/.*$')] }],
  ['d1/twice/ab', { kind: 'ambiguous', rules: [rule('d1/twice/a.*$'), rule('d1/twice/.*$')] }],
  ['d1/x', { kind: 'unmapped', directory: 'd1', described: true }],
  ['empty/x', { kind: 'unmapped', directory: 'empty', described: false }],
  ['d2/x', { kind: 'unmapped', directory: 'd2', described: false }],
  ['x.txt', { kind: 'unmapped', directory: '__top__', described: true }],
  ['__exclude__/x', { kind: 'unmapped', directory: '__exclude__', described: false }],
  ['d1/up/x', refusal('../x', "it has a part '..'", 'd1/up(.*)$')],
  ['d1/root', refusal('/root', 'it is absolute', 'd1/root$')],
  ['d1/gone', refusal('', 'it is empty', 'd1/gone(x?)$')],
] as const)('%s', (path, expected) => {
  expect(rules.fateOf(path)).toEqual(expected);
});

function refusal(name: string, why: string, pattern: string) {
  return { kind: 'refused', reason: { kind: 'illegal-name', name, why }, rule: rule(pattern) } as const;
}

test.each([
  ['', 10],
  ['d1', 9],
  ['d1/batch', 2],
  ['d1/batch/x', 2],
  ['d1/bat', 1],
  ['d1/tmp', 1],
  ['d2', 0],
  ['__exclude__', 0],
])('how many rules could match below %j', (directory, count) => {
  expect(rules.rulesThatCouldMatchBelow(directory)).toHaveLength(count);
});

test('a rule that makes an archive of a path is among those that could match above it', () => {
  const part = fc.constantFrom('d1', 'batch', 'auto', 'both', 'twice', 'a.txt', 'openly', 'x.md', 'empty');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const fate = rules.fateOf(parts.join('/'));
      if (fate.kind !== 'archived') return;
      for (let depth = 0; depth < parts.length; depth += 1) {
        expect(rules.rulesThatCouldMatchBelow(parts.slice(0, depth).join('/'))).toContain(fate.rule);
      }
    }),
  );
});
