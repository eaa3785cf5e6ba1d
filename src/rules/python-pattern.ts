import type { Found } from './engine.ts';
import { matcherEngine } from './matcher-engine.ts';
import { type PatternDanger, patternDanger } from './pattern-danger.ts';
import { needsMatcher } from './pattern-engine.ts';
import { beginsTooLate, canBeEmpty, endsAtEnd, literalPrefix } from './pattern-facts.ts';
import { parsePattern } from './pattern-parser.ts';
import { lengthOf } from './pattern-reader.ts';
import { regExpEngine } from './regexp-engine.ts';
import { expand, type Template, template } from './template.ts';

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
  /** The numbers of the groups that have names. */
  readonly groupNames: ReadonlyMap<string, number>;
  /** `matcher` is our own engine, for what JavaScript's cannot do; it is slower, and stops when it has made too many steps. */
  readonly engine: 'regexp' | 'matcher';
  /** The text that every match begins with; '' if none is known. */
  readonly literalPrefix: string;
  /** True if nothing can follow a match but one newline at the end: every way through the pattern ends in `$` or `\Z`. */
  readonly endsAtEnd: boolean;
  /** True if it is known that no text at all can match: a `^` stands behind what takes a character. */
  readonly beginsTooLate: boolean;
  /** On which inputs the pattern is known to need far too many steps; undefined says nothing. Looks each time it is asked: some 0.1 ms. */
  danger(): PatternDanger | undefined;
  /** As `re.match`: at the start of the input, but not necessarily up to its end. */
  match(input: string): PatternMatch | undefined;
  /** True if `match` finds something; faster. */
  matches(input: string): boolean;
  /** As `bool(re.search(…))`: anywhere in the input. */
  occurs(input: string): boolean;
  /** As `re.sub`: every occurrence is replaced, empty ones too. The text of a template is parsed at each call, and may throw. */
  sub(replacement: Template | string, input: string): string;
  /** What `sub` gives if `match` finds something, else undefined; faster than both. */
  subAtStart(replacement: Template | string, input: string): string | undefined;
}

export interface PatternOptions {
  /** Which engine; without it, JavaScript's wherever it gives Python's answers. */
  readonly engine?: 'matcher' | undefined;
  /** How many steps our own engine makes on one input before it throws; `Infinity` for no bound. */
  readonly steps?: number | undefined;
}

/** A few seconds. Patterns that do not try everything need some dozens for each character. */
const defaultSteps = 100_000_000;

/**
 * Compiles a pattern. Throws `configuration` with `PatternFacts`: in Python's words for what Python rejects, by the
 * name of the construct for the little that Python accepts and Stowage does not.
 */
export function pythonPattern(source: string, options: PatternOptions = {}): PythonPattern {
  const { tree, groups, names } = parsePattern(source);
  const regExp = options.engine === 'matcher' || needsMatcher(tree) ? undefined : regExpEngine(tree);
  const engine = regExp ?? matcherEngine(tree, groups, source, options.steps ?? defaultSteps);
  const prefix = literalPrefix(tree);
  const emptyPossible = canBeEmpty(tree);
  const partsOf = (replacement: Template | string) =>
    typeof replacement === 'string' ? template(replacement, groups, names) : replacement;

  function substituted(parts: Template, input: string, first: Found | undefined): string {
    let result = '';
    let copied = 0;
    let afterEmpty = false;
    let found = first;
    while (copied < input.length || (emptyPossible && !afterEmpty)) {
      found ??= engine.search(input, copied, afterEmpty);
      if (found === undefined) break;
      const whole = found.groups[0]!;
      result += input.slice(copied, found.start) + expand(parts, found.groups);
      copied = found.start + whole.length;
      afterEmpty = whole === '';
      found = undefined;
    }
    return copied < input.length ? result + input.slice(copied) : result;
  }

  return {
    source,
    groups,
    groupNames: names,
    engine: regExp === undefined ? 'matcher' : 'regexp',
    literalPrefix: prefix,
    endsAtEnd: endsAtEnd(tree),
    beginsTooLate: beginsTooLate(tree),
    danger: () => patternDanger(tree, groups),
    match(input) {
      const found = input.startsWith(prefix) ? engine.matchAtStart(input) : undefined;
      if (found === undefined) return undefined;
      return { groups: found.groups.slice(1, groups + 1), span: [0, lengthOf(found.groups[0]!)] };
    },
    matches: (input) => input.startsWith(prefix) && engine.matches(input),
    occurs: (input) => input.includes(prefix) && engine.search(input, 0, false) !== undefined,
    sub: (replacement, input) => substituted(partsOf(replacement), input, undefined),
    subAtStart(replacement, input) {
      // The first match from the start on is the one at the start, if there is one.
      const first = input.startsWith(prefix) ? engine.matchAtStart(input) : undefined;
      return first === undefined ? undefined : substituted(partsOf(replacement), input, first);
    },
  };
}
