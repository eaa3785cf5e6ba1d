import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { overlaps } from './rule-overlap.ts';

function rulesOf(patterns: readonly string[]) {
  const d1 = Object.fromEntries(patterns.map((pattern, index) => [pattern, `d1/${index}.tar`]));
  const text = JSON.stringify({ __config__: { root: '/r', store: 'dir:v' }, data: { __exclude__: [], d1 } });
  const { configuration, problems } = readConfiguration(Buffer.from(text), 'c.json');
  if (configuration === undefined) throw new Error(JSON.stringify(problems));
  return configuration.sections.get('data')!.directories.get('d1')!;
}

function found(patterns: readonly string[]): readonly (readonly string[])[] {
  return overlaps(rulesOf(patterns)).map(({ rule, coveredBy }) => [rule.pattern, coveredBy.pattern]);
}

test.each([
  [['d1/.*$', 'd1/batch/.*$'], 'd1/batch/.*$'],
  [['d1/batch/.*$', 'd1/.*$'], 'd1/batch/.*$'],
  [['d1/.*', 'd1/[^/]+$'], 'd1/[^/]+$'],
  [['d1/(.*)$', 'd1/(a|b)/.*$'], 'd1/(a|b)/.*$'],
  [['d1/.*$', '(d1/a|d1/b)$'], '(d1/a|d1/b)$'],
  [['d1/.*$', 'd1/(.*)$'], 'd1/(.*)$'],
  [['d1/v1\\.2/.*$', 'd1/v1\\.2/x$'], 'd1/v1\\.2/x$'],
  [
    ['d1/(157|301)/([0-9]+)/objcs/.*$', 'd1/(157|301)/([0-9]+)/objcs/([1-6])/.*$'],
    'd1/(157|301)/([0-9]+)/objcs/([1-6])/.*$',
  ],
  [['d1/[^/]+$', 'd1/([^/]+\\.txt)$'], 'd1/([^/]+\\.txt)$'],
  [['d1/[^/]+$', 'd1/README$'], 'd1/README$'],
  [['d1/[^/]*$', 'd1/x?$'], 'd1/x?$'],
  [['d1/([^/]+)$', 'd1/[0-9]{4}-(a|b)[a-z_.]*$'], 'd1/[0-9]{4}-(a|b)[a-z_.]*$'],
])('%j: %s has no path of its own', (patterns, covered) => {
  expect(found(patterns)).toEqual([[covered, patterns.find((one) => one !== covered)]]);
});

test.each([
  [['d1/a/.*$', 'd1/b/.*$']],
  [['d1/a.*$', 'd1/a?b$']],
  [['d1/a.*$', 'd1/a|d1/b$']],
  [['d1/[^/]+$', 'd1/.*\\.txt$']],
  [['d1/[^/]+$', 'd1/[^.]+\\.txt$']],
  [['d1/[^/]+$', 'd1/[+-z]$']],
  [['d1/[^/]+$', 'd1/a\\Db$']],
  [['d1/[^/]+$', 'd1/a']],
  [['d1/ab[^/]+$', 'd1/ab(x)?$']],
  [['d1/[^/]+$', 'd1/sub/[^/]+$']],
  [['d1/a|.*$', 'd1/b$']],
  [['d1/a{2.*$', 'd1/a{2}$']],
])('%j: each may have paths of its own', (patterns) => {
  expect(found(patterns)).toEqual([]);
});

test('what is covered never matches alone', () => {
  const part = fc.constantFrom(
    'a',
    'b',
    '/',
    '[^/]+',
    '.*',
    '(a|b)',
    '[ab]?',
    '(.*)',
    '\\.',
    '[^/]*',
    'a|b',
    '[^a]',
    '[a-b]+',
  );
  const pattern = fc
    .tuple(fc.array(part, { maxLength: 4 }), fc.constantFrom('$', '$', ''))
    .map(([all, end]) => `d1/${all.join('')}${end}`);
  const path = fc
    .array(fc.constantFrom('a', 'b', '/', '.', 'c'), { minLength: 1, maxLength: 6 })
    .map((all) => `d1/${all.join('')}`);
  let hits = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(pattern, { minLength: 2, maxLength: 3 }),
      fc.array(path, { minLength: 8, maxLength: 8 }),
      (patterns, paths) => {
        for (const { rule, coveredBy } of overlaps(usable(patterns))) {
          for (const one of paths) {
            if (!rule.compiled.matches(one)) continue;
            hits += 1;
            expect([one, coveredBy.pattern, coveredBy.compiled.matches(one)]).toEqual([one, coveredBy.pattern, true]);
          }
        }
      },
    ),
    { numRuns: 3000 },
  );
  expect(hits).toBeGreaterThan(100);
});

function usable(patterns: readonly string[]) {
  try {
    return rulesOf(patterns);
  } catch {
    return [];
  }
}
