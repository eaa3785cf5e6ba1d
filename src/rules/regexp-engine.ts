import { afterCharacter, type Engine, type Found, isInsideCharacter } from './engine.ts';
import { emitPattern } from './pattern-emitter.ts';
import { canBeEmpty } from './pattern-facts.ts';
import type { PatternNode } from './pattern-tree.ts';

/** JavaScript's own engine for a tree that it can express; undefined if the pattern is too large for it. */
export function regExpEngine(tree: PatternNode): Engine | undefined {
  const { source, numbers } = emitPattern(tree);
  const atStart = regExp(`^(?:${source})`, 'u');
  const anywhere = regExp(source, 'gu');
  const notEmptyHere = canBeEmpty(tree) ? regExp(notEmpty(source), 'uy') : anywhere;
  if (atStart === undefined || anywhere === undefined || notEmptyHere === undefined) return undefined;

  const inOrder = numbers.every((number, at) => number === at + 1);
  function found(match: RegExpExecArray | null, skipped = 0): Found | undefined {
    if (match === null) return undefined;
    const groups = inOrder && skipped === 0 ? match : [match[0], ...numbers.map((number) => match[number + skipped])];
    return { start: match.index, groups };
  }
  return {
    matchAtStart: (input) => found(atStart.exec(input)),
    matches: (input) => atStart.test(input),
    search(input, from, beyond) {
      let start = from;
      if (beyond && notEmptyHere !== anywhere) {
        notEmptyHere.lastIndex = from;
        const match = notEmptyHere.exec(input);
        if (match !== null) return found(match, 1);
        if (from >= input.length) return undefined;
        start = afterCharacter(input, from);
      }
      for (;;) {
        anywhere.lastIndex = start;
        const match = anywhere.exec(input);
        // V8 finds what is empty between the halves of a character too: /(?<!b)/u at 2 in 'b\u{1f600}'.
        if (match === null || match[0] !== '' || !isInsideCharacter(input, match.index)) return found(match);
        start = match.index + 1;
      }
    },
  };
}

/**
 * A source that matches as this one does, but never the empty text: after an empty match Python looks for such a one at
 * the same place before it goes on. What lies ahead is noted first and must be shorter afterwards.
 */
function notEmpty(source: string): string {
  return `(?=(?<rest>[^]*))(?:${source})(?!\\k<rest>(?![^]))`;
}

/** The engine compiles at first use, for narrow and for wide text: both are tried here, so that no rule fails in the middle of a run. */
function regExp(source: string, flags: string): RegExp | undefined {
  try {
    const expression = new RegExp(source, flags);
    expression.test('');
    expression.test('\u{1f4be}');
    expression.lastIndex = 0;
    return expression;
  } catch {
    return undefined;
  }
}
