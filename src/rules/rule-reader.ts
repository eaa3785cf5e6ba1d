import { isStowageError } from '../errors.ts';
import type { JsonMember } from './json-tree.ts';
import { typeName } from './json-words.ts';
import type { PatternFacts } from './pattern-error.ts';
import type { ProblemList } from './problem.ts';
import { pythonPattern } from './python-pattern.ts';
import { adviceFor } from './rule-advice.ts';
import { warnOfPattern, warnOfRule, warnOfTemplate } from './rule-warnings.ts';
import type { Rule } from './section.ts';
import { template } from './template.ts';

const kinds: ReadonlyMap<string, Rule['kind']> = new Map([
  ['EXCLUDE', 'exclude'],
  ['AUTOMATED', 'automated'],
]);

/** The rule that a key and its value in a directory's entry make; undefined, with errors in the list, if they make none. */
export function readRule(section: string, directory: string, member: JsonMember, list: ProblemList): Rule | undefined {
  const keys = [section, directory, member.key] as const;
  const compiled = attempt(list, member, keys, 'pattern', 0, () => pythonPattern(member.key));
  if (compiled !== undefined) warnOfPattern(member, compiled, list, keys);
  if (member.value.kind !== 'string') {
    const suggestion =
      member.value.kind === 'null' || member.value.kind === 'boolean'
        ? 'to archive nothing write "EXCLUDE"'
        : undefined;
    list.error(member.value, keys, `the archive name must be a string, not ${typeName(member.value)}`, suggestion);
    return undefined;
  }
  const text = member.value.value;
  // Group references can only be judged against a pattern; its own error is told already.
  const groups = compiled?.groups ?? 99;
  const names = compiled?.groupNames;
  const replacement = attempt(list, member.value, keys, 'template', groups, () => template(text, groups, names));
  warnOfTemplate(member, text, [...kinds.keys()], list, keys);
  if (compiled === undefined || replacement === undefined) return undefined;
  const kind = kinds.get(text) ?? 'archive';
  const { line, column } = member;
  const rule: Rule = { directory, pattern: member.key, template: text, compiled, replacement, kind, line, column };
  warnOfRule(member, rule, list, keys);
  return rule;
}

function attempt<T>(
  list: ProblemList,
  at: JsonMember | JsonMember['value'],
  keys: readonly string[],
  what: 'pattern' | 'template',
  groups: number,
  deed: () => T,
): T | undefined {
  try {
    return deed();
  } catch (error) {
    if (!isStowageError(error, 'configuration')) throw error;
    const facts = error.facts as unknown as PatternFacts;
    const message = facts.refused ? `the ${what} cannot be used: ${error.message}` : `bad ${what}: ${error.message}`;
    list.error(at, keys, message, adviceFor(facts, groups), { text: facts.pattern, position: facts.position });
    return undefined;
  }
}
