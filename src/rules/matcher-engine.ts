import { StowageError } from '../errors.ts';
import { afterCharacter, type Engine, type Found } from './engine.ts';
import { runMatcher } from './matcher.ts';
import { matcherProgram, type Program } from './matcher-program.ts';
import type { PatternNode } from './pattern-tree.ts';

/**
 * Our own engine: any tree, with exactly Python's meaning, but slower than JavaScript's. A question that takes more than
 * `steps` steps throws `configuration`.
 */
export function matcherEngine(tree: PatternNode, groups: number, pattern: string, steps: number): Engine {
  const program = matcherProgram(tree, groups);

  function search(input: string, from: number, to: number, notEmpty: boolean): Found | undefined {
    const budget = { left: steps };
    for (let start = from; start <= to; start = start < input.length ? afterCharacter(input, start) : start + 1) {
      const found = runMatcher(program, input, start, notEmpty && start === from, budget);
      if (found === 'exhausted') throw exhausted(pattern, input, steps);
      if (found !== undefined) return asFound(program, input, start, found.end, found.registers);
    }
    return undefined;
  }
  return {
    matchAtStart: (input) => search(input, 0, 0, false),
    matches: (input) => search(input, 0, 0, false) !== undefined,
    search: (input, from, notEmpty) => search(input, from, input.length, notEmpty),
  };
}

function asFound({ groups }: Program, input: string, start: number, end: number, held: Int32Array): Found {
  const texts: (string | undefined)[] = [input.slice(start, end)];
  for (let group = 1; group <= groups; group += 1) {
    const from = held[group * 2 - 2]!;
    const to = held[group * 2 - 1]!;
    texts.push(from < 0 || to < from ? undefined : input.slice(from, to));
  }
  return { start, groups: texts };
}

function exhausted(pattern: string, input: string, steps: number): StowageError {
  return new StowageError('configuration', `the pattern takes more than ${steps} steps on one path`, {
    hint: 'repeats inside repeats, as in (a+)+, try every way: make one of them possessive, as in (a+)++',
    facts: { pattern, input, steps },
  });
}
