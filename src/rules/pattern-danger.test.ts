import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomPattern } from '../../test/random-patterns.ts';
import { runMatcher } from './matcher.ts';
import { matcherProgram } from './matcher-program.ts';
import { patternDanger } from './pattern-danger.ts';
import { parsePattern } from './pattern-parser.ts';

/** By what they do on the worst of names. */
const endless = [
  'd/(a+)+$',
  'd/(a*)*$',
  'd/(?:\\w*\\d?)*x$',
  'd/((a+))+$',
  'd/(a+|b)*$',
  'd/(.*)+/x$',
  'd/(a+){2,}$',
  'd/(?:(?:a+)?)*$',
  'd/(a|a)*$',
  'd/(a|ab|b)*$',
  'd/([a-z]|[a-f0-9])+\\.txt$',
  'd/(a?b?)*x$',
  'd/(?:(?:a?)*)*x$',
  'd/(?:a*){2,}?x$',
  'd/(_[^/]+)*\\.fits$',
  'd/(.*/)*x$',
  'd/(\\w+\\s?)*$',
  'd/([^x]+)*y$',
  '(?i)d/(k|K)+$',
  'd/(?>(a+)+b)$',
  'd/(?=(a+)+b).*$',
  'd/(é|[à-ü])+$',
  'd/([^/]+)*/x$',
];
const square = [
  'd/\\d+\\d+x$',
  'd/.*.*x$',
  'd/[^/]*[^/]*\\.fits$',
  'd/(a+){2}$',
  'd/a*a*a*$',
  'd/(?:ab)*(?:ab)*c$',
  'd/.+_?.+\\.fits$',
  'd/\\w+(?:\\d+)?-x$',
  'd/(?:[a-m]+|n)[a-z]+[0-9]$',
];
const sound = [
  'd/([^/]+/)*x$',
  'd/(a+b)+$',
  'd/.*.*$',
  'd/(ab)+$',
  'd/(a{3})+$',
  'd/(a++)+$',
  'd/(?>a+)+$',
  'd/([0-9]{8})/.*$',
  'd/(a+)+',
  'd/(a|b)*$',
  'd/(a|ab)*(b|c)*$',
  'd/(a|bc?)+\\.txt$',
  'd/.*$',
  'd/(.*)\\.fits$',
  'd/.*/.*\\.fits(?:\\.gz)?$',
  'd/[^/]*_[^/]*_[^/]*\\.fits$',
  'd/spec-([0-9]{4})-([0-9]{5})-([0-9]+)\\.fits$',
  'd/([0-9]+)/([0-9]+)/[^/]+$',
  'd/(?:v\\d+_\\d+_\\d+|trunk)/.*$',
  'd/([^/]+)/(?:[^/]+/)*[^/]+\\.(?:log|txt)$',
  'd/\\w+\\.\\d+$',
  'd/(a+$)+',
  'd/(a*?)b$',
  'd/\\d{1,5}\\d{1,5}x$',
  'd/(?:a?){20}$',
  'd/(?:night|exposure)s?/(\\d{8})(?:/.*)?$',
  '',
];

const dangerOf = (pattern: string) => {
  const { tree, groups } = parsePattern(pattern);
  return patternDanger(tree, groups);
};
const most = 3_000_000;
const stepsOf = (pattern: string, input: string) => {
  const { tree, groups } = parsePattern(pattern);
  const budget = { left: most };
  runMatcher(matcherProgram(tree, groups), input, 0, false, budget);
  return most - budget.left;
};

test.each(endless)('%s tries endlessly, and a few characters more double what it does', (pattern) => {
  const danger = dangerOf(pattern);
  expect(danger?.growth).toBe('endless');
  const [few, more] = [stepsOf(pattern, danger!.attack(4)), stepsOf(pattern, danger!.attack(14))];
  // A power of two or three would make it 43 times at most.
  expect(few * 100 < more || (few < 10_000 && more >= most)).toBe(true);
});

test.each(square)('%s needs time with the square of a name', (pattern) => {
  const danger = dangerOf(pattern);
  expect(danger?.growth).toBe('square');
  const [few, more, most] = [50, 100, 200].map((times) => stepsOf(pattern, danger!.attack(times)));
  expect([more! > few! * 3, most! > more! * 3]).toEqual([true, true]);
});

test.each(sound)('%s is sound, and no long name makes it slow', (pattern) => {
  expect(dangerOf(pattern)).toBeUndefined();
  const starts = ['d/', 'd/20240101/', 'd/spec-1234-', 'd/12/34/', 'd/trunk/x'];
  for (const start of starts) {
    for (const round of ['a', 'b', '0', 'x', 'ab', 'aab', 'é', 'a0', '9a']) {
      for (const end of ['', '!', 'x', '/', '.fits', '.txt~']) {
        const steps = (times: number) => stepsOf(pattern, `${start}${round.repeat(times)}${end}`);
        expect(steps(400), `${start}(${round})…${end}`).toBeLessThan(2.2 * steps(200) + 100);
      }
    }
  }
});

test('whatever pattern is warned of: its steps grow faster than its name', () => {
  fc.assert(
    fc.property(randomPattern, (pattern) => {
      let danger: ReturnType<typeof dangerOf>;
      try {
        danger = dangerOf(pattern);
      } catch {
        return;
      }
      if (danger === undefined) return;
      const [few, more] = [stepsOf(pattern, danger.attack(30)), stepsOf(pattern, danger.attack(90))];
      expect(more >= most || more > few * 5).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
