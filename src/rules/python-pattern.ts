import { refuseDifferences } from './pattern-differences.ts';
import { emitPattern } from './pattern-emitter.ts';
import { refused } from './pattern-error.ts';
import { canBeEmpty, endsAtEnd, literalPrefix } from './pattern-facts.ts';
import { parsePattern } from './pattern-parser.ts';
import { expand, type Template } from './template.ts';

/** A match at the start of the input. */
export interface PatternMatch {
  /** What the groups hold, `groups[0]` being group 1; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
  /** Begin and end, in code points as Python counts them. */
  readonly span: readonly [number, number];
}

/** A regular expression with the meaning that Python 3.11's `re` gives it for text. */
export interface PythonPattern {
  readonly source: string;
  readonly groups: number;
  /** The text that every match begins with; '' if none is known. */
  readonly literalPrefix: string;
  /** True if nothing can follow a match but one newline at the end: every way through the pattern ends in `$`. */
  readonly endsAtEnd: boolean;
  /** As `re.match`: at the start of the input, but not necessarily up to its end. */
  match(input: string): PatternMatch | undefined;
  /** True if `match` finds something; faster. */
  matches(input: string): boolean;
  /** As `re.sub`: every occurrence is replaced, empty ones too. */
  sub(template: Template, input: string): string;
}

/**
 * Compiles a pattern. Throws `configuration` with `PatternFacts`: in Python's words for what Python rejects, by the
 * name of the construct for what Python accepts and Stowage does not yet.
 */
export function pythonPattern(source: string): PythonPattern {
  const { tree, groups } = parsePattern(source);
  refuseDifferences(source, tree);
  const emitted = emitPattern(tree);
  const atStart = regExp(source, `^(?:${emitted})`, 'u');
  const anywhere = regExp(source, emitted, 'gu');
  const emptyPossible = canBeEmpty(tree);
  const nonEmptyHere = emptyPossible ? regExp(source, nonEmpty(emitted), 'uy') : anywhere;
  const prefix = literalPrefix(tree);

  return {
    source,
    groups,
    literalPrefix: prefix,
    endsAtEnd: endsAtEnd(tree),
    match(input) {
      const found = input.startsWith(prefix) ? atStart.exec(input) : null;
      return found === null ? undefined : { groups: found.slice(1), span: [0, Array.from(found[0]).length] };
    },
    matches: (input) => input.startsWith(prefix) && atStart.test(input),
    sub(template, input) {
      let result = '';
      let copied = 0;
      let from = 0;
      let afterEmpty = false;
      while (from < input.length || (from === input.length && emptyPossible && !afterEmpty)) {
        const found = searchFrom(afterEmpty ? nonEmptyHere : anywhere, from, input);
        if (found !== null) {
          result += input.slice(copied, found.index) + expand(template, found.slice(found.length - groups));
          copied = found.index + found[0].length;
          from = copied;
          afterEmpty = found[0] === '';
        } else if (afterEmpty) {
          afterEmpty = false;
          from += input.codePointAt(from)! > 0xffff ? 2 : 1;
        } else break;
      }
      return result + input.slice(copied);
    },
  };
}

function searchFrom(expression: RegExp, from: number, input: string): RegExpExecArray | null {
  expression.lastIndex = from;
  return expression.exec(input);
}

/**
 * A source that matches as this one does, but never the empty text: after an empty match Python looks for such a one at
 * the same place before it goes on. What lies ahead is noted first and must be shorter afterwards.
 */
function nonEmpty(emitted: string): string {
  return `(?=([^]*))(?:${emitted})(?!\\1(?![^]))`;
}

/** The engine compiles at first use, for narrow and for wide text: both are tried here, so that no rule fails in the middle of a run. */
function regExp(pattern: string, source: string, flags: string): RegExp {
  try {
    const expression = new RegExp(source, flags);
    expression.test('');
    expression.test('\u{1f4be}');
    expression.lastIndex = 0;
    return expression;
  } catch (cause) {
    throw refused(pattern, 'a pattern as large as this', 0, cause);
  }
}
