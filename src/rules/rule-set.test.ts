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

test('whichever rules are tried for a path, it has the fate that all of them give it', () => {
  const part = fc.constantFrom('a', 'ab', 'abc', 'b', 'k1', 'k10', 'x.fits');
  const piece = fc.oneof(part, fc.constantFrom('[ab]', '.', '(?:a|b)', '[^/]+', 'a*'));
  const pattern = fc.array(piece, { minLength: 0, maxLength: 3 }).map((pieces) => `d/${pieces.join('')}.*$`);
  const free = fc.constantFrom('[a-d]/a.*', 'd', '.*', 'd/?k');
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.oneof({ weight: 5, arbitrary: pattern }, free), { minLength: 1, maxLength: 12 }),
      fc.array(
        fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `d/${parts.join('')}`),
        { minLength: 1 },
      ),
      (patterns, paths) => {
        const own = Object.fromEntries(patterns.map((one, at) => [one, at % 5 === 4 ? 'EXCLUDE' : `a${at}.tar`]));
        const file = JSON.stringify({ __config__: { root: '/r', store: 'dir:v' }, data: { __exclude__: [], d: own } });
        const read = readConfiguration(Buffer.from(file), 'c.json').configuration!;
        const rules = ruleSet(read.sections.get('data')!);
        const compiled = patterns.map((one) => ({ one, regExp: new RegExp(`^(?:${one})`) }));
        for (const path of paths) {
          const expected = compiled.filter(({ regExp }) => regExp.test(path)).map(({ one }) => one);
          const fate = rules.fateOf(path);
          const found =
            fate.kind === 'unmapped'
              ? []
              : fate.kind === 'ambiguous'
                ? fate.rules.map((rule) => rule.pattern)
                : 'rule' in fate
                  ? [(fate.rule as { pattern: string }).pattern]
                  : [];
          expect(found).toEqual(expected);
        }
      },
    ),
  );
});
