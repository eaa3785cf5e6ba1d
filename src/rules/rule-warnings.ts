import { displayName } from '../model/byte-name.ts';
import { unsafePath } from '../model/relative-path.ts';
import type { JsonMember } from './json-tree.ts';
import type { PatternDanger } from './pattern-danger.ts';
import type { ProblemList } from './problem.ts';
import type { PythonPattern } from './python-pattern.ts';
import { type Rule, topKey } from './section.ts';
import { nearestWord } from './suggestion.ts';
import type { Template } from './template.ts';

/** Warns of what a pattern accepts in silence and hardly means. `keys` lead to it: section, directory, pattern. */
export function warnOfPattern(
  member: JsonMember,
  pattern: PythonPattern,
  list: ProblemList,
  keys: readonly [string, string, string],
): void {
  const { beginsTooLate, endsAtEnd, literalPrefix, source } = pattern;
  const [section, directory] = keys;
  const warn = (message: string, suggestion: string) => list.warning(member, keys, message, suggestion);
  if (!endsAtEnd) {
    warn(
      "the pattern does not end with '$': what follows a match stays in the archive's name",
      'end it with $, or with .*$',
    );
  }
  if (beginsTooLate) {
    warn(
      "the pattern can never match: '^' is the beginning of the path, and something stands before it",
      'leave out the ^',
    );
  }
  const danger = pattern.danger();
  if (danger !== undefined) warn(...dangerText(danger));
  const control = /[\b\f\n\r\t]/.exec(source)?.[0];
  if (control !== undefined) {
    const letter = JSON.stringify(control).slice(2, 3);
    warn(
      `the pattern holds a control character: in JSON \\${letter} is one, before Python sees it`,
      `if \\${letter} of Python is meant, write \\\\${letter}`,
    );
  }
  if (directory === topKey) {
    if (!literalPrefix.includes('/')) return;
    const other = literalPrefix.slice(0, literalPrefix.indexOf('/'));
    warn(
      `the pattern can never match: '${topKey}' is for paths without '/', it begins with '${literalPrefix}'`,
      other === '' ? "leave out the first '/'" : `move it to the entry "${other}"`,
    );
    return;
  }
  const below = `${directory}/`;
  if (literalPrefix.startsWith(below) || below.startsWith(literalPrefix)) return;
  const wrong = `the pattern can never match: paths here begin with '${below}', it begins with '${literalPrefix}'`;
  const first = /^[^/]+(?=\/)/.exec(literalPrefix)?.[0];
  if (literalPrefix.startsWith(`${section}/`)) warn(wrong, `paths are relative to the section: leave out ${section}/`);
  else if (literalPrefix.startsWith('/'))
    warn(wrong, "paths are relative to the section: leave out what is above it, and the first '/'");
  else
    warn(
      wrong,
      first === undefined ? `begin it with ${below}` : `begin it with ${below}, or move it to the entry "${first}"`,
    );
}

function dangerText({ growth, nested, attack }: PatternDanger): readonly [message: string, suggestion: string] {
  const name = `'${displayName(attack(12))}'`;
  if (growth === 'square') {
    return [
      `two repeats next to each other match the same text: the time grows with the square of a name's length, or faster, as with ${name}`,
      'let one repeat do: \\d+\\d+ is \\d\\d+, and .*.* is .*',
    ];
  }
  return [
    `${nested ? 'a repeat stands directly inside a repeat' : 'a repeat can match the same text in more than one way'}: on names such as ${name} the pattern runs out of time, and these are not archived`,
    nested
      ? 'let one repeat do: (a+)+ is a+'
      : 'let each text match in one way only: (a|ab|b)* is [ab]*, (a|ab)* is (ab?)*, (_[^/]+)* is (_[^/_]+)*',
  ];
}

/** Warns of what an archive's name accepts in silence. */
export function warnOfTemplate(
  { value }: JsonMember,
  text: string,
  kinds: readonly string[],
  list: ProblemList,
  keys: readonly string[],
): void {
  const meant = kinds.includes(text) ? undefined : nearestWord(text, kinds);
  if (meant !== undefined) {
    list.warning(value, keys, `'${text}' is taken as the name of an archive`, `write '${meant}' if that is meant`);
  }
}

/** Warns of what pattern and name come to together. */
export function warnOfRule({ value }: JsonMember, rule: Rule, list: ProblemList, keys: readonly string[]): void {
  if (rule.kind !== 'archive') return;
  const { compiled, replacement, template, directory } = rule;
  const fixed =
    replacement.parts.length === 1 && typeof replacement.parts[0] === 'string' ? replacement.parts[0] : undefined;
  const whole = compiled.endsAtEnd && compiled.literalPrefix !== '';
  const why =
    whole && replacement.parts.length === 0
      ? unsafePath('')
      : fixed === undefined || !whole
        ? undefined
        : unsafePath(fixed);
  if (why !== undefined)
    list.warning(
      value,
      keys,
      `no archive can have the name '${template}': ${why}`,
      'give a relative path, as d1/batch.tar',
    );
  if (fixed !== undefined && /\.(?:tgz|tbz2?|txz|tar\..{1,4}|(?!tar$)[Tt][Aa][Rr])$/.test(fixed)) {
    list.warning(
      value,
      keys,
      `'${template}' does not end in '.tar': it can hold one file only, which is stored as it is`,
      'archives of several files are plain .tar',
    );
  }
  const doubled = doubledName(rule, directory === topKey ? 'x' : `${directory}/x`);
  if (doubled !== undefined) {
    list.warning(
      rule,
      keys,
      `the pattern matches once more, the empty text at the end, and the name is given twice: ${doubled}`,
      directory === topKey ? 'use .+ in place of .*' : `begin it with ${directory}/`,
    );
  }
}

/** How a name is given twice, if the pattern can match nothing behind another match. */
function doubledName({ compiled, replacement }: Rule, path: string): string | undefined {
  if (!compiled.matches('')) return undefined;
  const marker: Template = { source: '', parts: ['\0'] };
  const marked = compiled.sub(marker, path);
  if (!marked.endsWith('\0') || marked === '\0') return undefined;
  return `'${path}' would go into '${compiled.sub(replacement, path)}'`;
}
