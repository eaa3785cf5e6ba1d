import { isStowageError } from '../errors.ts';
import type { JsonMember } from './json-tree.ts';
import { typeName } from './json-words.ts';
import type { PatternFacts } from './pattern-error.ts';
import type { ProblemList } from './problem.ts';
import { type PythonPattern, pythonPattern } from './python-pattern.ts';
import { type Rule, topKey } from './section.ts';
import { nearestWord } from './suggestion.ts';
import { template } from './template.ts';

const kinds: ReadonlyMap<string, Rule['kind']> = new Map([
  ['EXCLUDE', 'exclude'],
  ['AUTOMATED', 'automated'],
]);

/** The rule that a key and its value in a directory's entry make; undefined, with errors in the list, if they make none. */
export function readRule(section: string, directory: string, member: JsonMember, list: ProblemList): Rule | undefined {
  const keys = [section, directory, member.key];
  const compiled = attempt(list, member, keys, 'pattern', () => pythonPattern(member.key));
  if (compiled !== undefined) warnOfPattern(directory, member, compiled, list, keys);
  if (member.value.kind !== 'string') {
    list.error(member.value, keys, `the archive name must be a string, not ${typeName(member.value)}`);
    return undefined;
  }
  const text = member.value.value;
  // Group references can only be judged against a pattern; its own error is told already.
  const replacement = attempt(list, member.value, keys, 'template', () =>
    template(text, compiled?.groups ?? 99, compiled?.groupNames),
  );
  warnOfTemplate(member, text, list, keys);
  if (compiled === undefined || replacement === undefined) return undefined;
  const kind = kinds.get(text) ?? 'archive';
  const { line, column } = member;
  return { directory, pattern: member.key, template: text, compiled, replacement, kind, line, column };
}

function attempt<T>(
  list: ProblemList,
  at: JsonMember | JsonMember['value'],
  keys: readonly string[],
  what: string,
  deed: () => T,
): T | undefined {
  try {
    return deed();
  } catch (error) {
    if (!isStowageError(error, 'configuration')) throw error;
    const { refused } = error.facts as unknown as PatternFacts;
    list.error(at, keys, refused ? `the ${what} cannot be used: ${error.message}` : `bad ${what}: ${error.message}`);
    return undefined;
  }
}

function warnOfPattern(
  directory: string,
  at: JsonMember,
  { endsAtEnd, literalPrefix }: PythonPattern,
  list: ProblemList,
  keys: readonly string[],
): void {
  if (!endsAtEnd) {
    list.warning(at, keys, "the pattern does not end with '$': what follows a match stays in the archive's name");
  }
  const below = `${directory}/`;
  if (directory !== topKey && !literalPrefix.startsWith(below) && !below.startsWith(literalPrefix)) {
    list.warning(
      at,
      keys,
      `the pattern can never match: paths here begin with '${below}', it begins with '${literalPrefix}'`,
    );
  }
}

function warnOfTemplate(member: JsonMember, text: string, list: ProblemList, keys: readonly string[]): void {
  const meant = kinds.has(text) ? undefined : nearestWord(text, [...kinds.keys()]);
  if (meant !== undefined) {
    list.warning(
      member.value,
      keys,
      `'${text}' is taken as the name of an archive`,
      `write '${meant}' if that is meant`,
    );
  }
}
