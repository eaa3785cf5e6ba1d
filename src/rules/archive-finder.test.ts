import fc from 'fast-check';
import { expect, test } from 'vitest';
import { archiveFinder } from './archive-finder.ts';
import { pythonPattern } from './python-pattern.ts';
import type { Rule } from './section.ts';
import { template } from './template.ts';

function ruleOf(pattern: string, name: string): Rule {
  const compiled = pythonPattern(pattern);
  const replacement = template(name, compiled.groups, compiled.groupNames);
  return { ...{ directory: 'a', pattern, template: name, compiled, replacement, kind: 'archive' }, line: 1, column: 1 };
}

/** The beginning that decides, and the archive; behind other bytes, as in a block. */
function found(rule: Rule, path: string): readonly [string, string] | undefined {
  const finder = archiveFinder(rule);
  if (finder === undefined) return undefined;
  const bytes = Buffer.from(`x,1,1\n${path},2,3\n`);
  const extent = finder.extent(bytes, 6, 6 + Buffer.byteLength(path));
  return [path.slice(0, extent), finder.archive(bytes)];
}

test.each([
  ['a/raw/([0-9]{3})/[^/]+\\.fits$', 'a/raw_\\1.tar', 'a/raw/001/b.fits', ['a/raw/001/', 'a/raw_001.tar']],
  ['a/red/([0-9]{2})([0-9])/.*$', 'a/\\1X.tar', 'a/red/123/b', ['a/red/123', 'a/12X.tar']],
  ['a/([^/]+)/([^/]+)/.*$', 'a/\\2/\\1.tar', 'a/b1/c/d/e', ['a/b1/c/', 'a/c/b1.tar']],
  ['a/(raw|red)/x.*$', 'a/\\1.tar', 'a/red/xyz', ['a/red/', 'a/red.tar']],
  ['a/([0-9]+)-.*$', 'a/\\1.tar', 'a/12-3', ['a/12-', 'a/12.tar']],
  ['a/(?P<n>[^/]+)/.*$', 'a/\\g<n>.tar', 'a/b/c', ['a/b/', 'a/b.tar']],
  ['a/((b)c)/.*$', 'a/\\1\\2.tar', 'a/bc/d', ['a/bc/', 'a/bcb.tar']],
  ['a/.*$', 'a.tar', 'a/b', ['a', 'a.tar']],
  ['a/([^/]+)\\Z', '\\1.tar', 'a/b', undefined],
  // Where it cannot be told from the beginning.
  ['a/([^/]+\\.txt)$', 'a/\\1', 'a/b.txt', undefined],
  ['a/(.*)/c$', 'a/\\1.tar', 'a/b/b/c', undefined],
  ['a/(b|bc)/?.*$', 'a/\\1.tar', 'a/bc/d', undefined],
  ['a/(?:(b)|.)/.*$', 'a/\\1.tar', 'a/b/d', undefined],
  // What follows the match stays in the name; what is empty is replaced again.
  ['a/(b)', '\\1.tar', 'a/bc', undefined],
  ['(a/)?.*$', 'a.tar', 'a/b', undefined],
  ['a/b$', '\\g<0>', 'a/b', undefined],
] as const)('%s to %s', (pattern, name, path, expected) => {
  expect(found(ruleOf(pattern, name), path)).toEqual(expected);
});

const part = fc.constantFrom(
  ...[
    '([^/]+)/',
    '([0-9]{2})/',
    '([ab]|1)/',
    '(a|b1)',
    '(ab|b)',
    '([a-b]+)1',
    '(.)',
    '(?:([a1]))',
    '([^b]*)b',
    '.',
    'a',
    '/',
  ],
);
const rules = fc.record({
  pattern: fc
    .tuple(fc.array(part, { maxLength: 4 }), fc.constantFrom('.*$', '[^/]+$', '$', '.*'))
    .map((all) => all.flat().join('')),
  name: fc.array(fc.constantFrom('x', '\\1', '\\2', '-'), { minLength: 1, maxLength: 3 }).map((all) => all.join('')),
});
const letters = fc.array(fc.constantFrom(...'aab1/b0/'), { maxLength: 9 }).map((all) => all.join(''));

test('a rule itself gives that archive, for whatever begins so', () => {
  let told = 0;
  fc.assert(
    fc.property(rules, fc.array(letters, { minLength: 2, maxLength: 12 }), ({ pattern, name }, texts) => {
      const groups = pythonPattern(pattern).groups;
      if ([1, 2].some((group) => group > groups && name.includes(`\\${group}`))) return;
      const rule = ruleOf(pattern, name);
      for (const path of texts) {
        const archive = rule.compiled.subAtStart(rule.replacement, path);
        if (archive === undefined) continue;
        const one = found(rule, path);
        if (one === undefined) continue;
        expect(one[1]).toBe(archive);
        told += 1;
        for (const other of texts.map((text) => one[0] + text)) {
          const otherArchive = rule.compiled.subAtStart(rule.replacement, other);
          if (otherArchive !== undefined) expect(otherArchive).toBe(archive);
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(told).toBeGreaterThan(200);
});
