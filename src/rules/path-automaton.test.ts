import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomPattern } from '../../test/random-patterns.ts';
import { pathAutomaton, verdicts } from './path-automaton.ts';
import { pythonPattern } from './python-pattern.ts';
import type { Rule } from './section.ts';
import { template } from './template.ts';

function ruleOf(pattern: string): Rule {
  const compiled = pythonPattern(pattern);
  return {
    ...{ directory: 'a', pattern, template: 'x', compiled, replacement: template('x', compiled.groups) },
    ...{ kind: 'archive', line: 1, column: 1 },
  };
}

function said(patterns: readonly string[], path: string): number {
  const automaton = pathAutomaton(patterns.map(ruleOf));
  // Twice: as it is found out, and as it is known.
  const [first, again] = [0, 1].map(() => {
    let state = automaton.start;
    for (const byte of Buffer.from(path)) {
      const next = automaton.table()[(state << 8) | byte]!;
      state = next >= 0 ? next : automaton.step(state, byte);
    }
    return automaton.verdict(state);
  });
  expect(again).toBe(first);
  return first!;
}

const { none, ask } = verdicts;

test.each([
  [['a/([0-9]{3})/[^/]+\\.fits$', 'a/.*\\.txt$'], 'a/001/b.fits', 0],
  [['a/([0-9]{3})/[^/]+\\.fits$', 'a/.*\\.txt$'], 'a/001/b.txt', 1],
  [['a/([0-9]{3})/[^/]+\\.fits$', 'a/.*\\.txt$'], 'a/01/b.fits', none],
  [['a/([0-9]{3})/[^/]+\\.fits$', 'a/.*\\.txt$'], 'a/001/b.fits.gz', none],
  [['a/b', 'a/c'], 'a/bcd', 0],
  [['a/b', 'a/.'], 'a/b', ask],
  [['a/(b|cd)+?\\Z'], 'a/bcdcd', 0],
  [['a/(b|cd)+?\\Z'], 'a/bcdc', none],
  [['a/b{2,3}$'], 'a/b', none],
  [['a/b{2,3}$'], 'a/bbb', 0],
  [['a/b{2,3}$'], 'a/bbbb', none],
  [['a/b{2,}$'], 'a/bbbbbb', 0],
  [['^a/^b'], 'a/b', none],
  [['(?i)A/B$'], 'a/b', 0],
  // What an automaton cannot say is asked, where it could be.
  [['a/b(?=c)', 'a/d$'], 'a/bd', ask],
  [['a/b(?=c)', 'a/d$'], 'a/d', 1],
  [['a/b(?=c)', 'a/d$'], 'a/c', none],
  [['a/(.)\\1'], 'a/bb', ask],
  [['a/.{1,30000}'], 'a/b', ask],
  [['a/(x+x+)+y$', 'a/b$'], 'a/xxy', ask],
  [['a/(x+x+)+y$', 'b/c$'], 'b/c', 1],
  [[], 'a/b', none],
] as const)('of %j %s is said %i', (patterns, path, expected) => {
  expect(said(patterns, path)).toBe(expected);
});

test('a pattern with very many states is asked, and soon', () => {
  let number = 1;
  const next = () => {
    number = (number * 48_271) % 2_147_483_647;
    return number & 1024 ? 'a' : 'b';
  };
  const path = `a/${Array.from({ length: 60_000 }, next).join('')}`;
  expect(said(['a/.*b.{14}$'], path)).toBe(ask);
});

const letters = fc
  .array(fc.constantFrom(...'aabb/._1 ABki-'), { minLength: 1, maxLength: 10 })
  .map((all) => all.join(''));

test('what is said is what the rules say', () => {
  let answered = 0;
  fc.assert(
    fc.property(
      fc.array(randomPattern, { minLength: 1, maxLength: 3 }),
      fc.array(letters, { maxLength: 6 }),
      (given, paths) => {
        const patterns = given.filter(isPattern);
        for (const path of paths) {
          const verdict = said(patterns, path);
          if (verdict === ask) continue;
          answered += 1;
          const matching = patterns.flatMap((pattern, place) =>
            ruleOf(pattern).compiled.matches(path) ? [place] : [],
          );
          expect(matching).toEqual(verdict === none ? [] : [verdict]);
        }
      },
    ),
    { numRuns: 600 },
  );
  // To ask always would be right as well.
  expect(answered).toBeGreaterThan(600);
});

function isPattern(pattern: string): boolean {
  try {
    pythonPattern(pattern);
    return true;
  } catch {
    return false;
  }
}
