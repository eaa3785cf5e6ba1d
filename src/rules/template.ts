import { controlEscapes, readNumber } from './pattern-escape.ts';
import { checkName } from './pattern-group.ts';
import { lengthOf, type PatternReader, patternReader } from './pattern-reader.ts';
import { isIdentifier, quoted, wholeNumber } from './python-literal.ts';

/** What a match is replaced by: pieces of text, and numbers of groups (from 1; 0 is the whole match). */
export interface Template {
  readonly source: string;
  readonly parts: readonly (string | number)[];
}

/**
 * Parses the replacement of Python's `re.sub` for a pattern with so many groups, some with names; without `names`, any name
 * will do. Throws as `pythonPattern` does.
 */
export function template(source: string, groups: number, names?: ReadonlyMap<string, number>): Template {
  const reader = patternReader(source);
  const parts: (string | number)[] = [];
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    const part = token.startsWith('\\') ? escaped(reader, token, groups, names) : token;
    if (typeof part === 'string' && typeof parts.at(-1) === 'string') parts.push(`${parts.pop()}${part}`);
    else parts.push(part);
  }
  return { source, parts };
}

/** The template filled in; a group that took no part in the match is empty text. `groups[0]` is the whole match. */
export function expand(template: Template, groups: readonly (string | undefined)[]): string {
  let text = '';
  for (const part of template.parts) text += typeof part === 'string' ? part : (groups[part] ?? '');
  return text;
}

function escaped(
  reader: PatternReader,
  token: string,
  groups: number,
  names: ReadonlyMap<string, number> | undefined,
): string | number {
  if (token === '\\g') return groupReference(reader, groups, names);
  if (token === '\\0') {
    const digits = `0${reader.takeWhile(/^[0-7]$/, 2)}`;
    return String.fromCodePoint(Number.parseInt(digits, 8) & 0xff);
  }
  if (/^\\[1-9]$/.test(token)) {
    const number = readNumber(reader, token);
    if ('codePoint' in number) return String.fromCodePoint(number.codePoint);
    return existing(reader, number.group, String(number.group).length, groups);
  }
  const control = controlEscapes.get(token);
  if (control !== undefined) return String.fromCodePoint(control);
  if (/^\\[A-Za-z]$/.test(token)) throw reader.error(`bad escape ${token}`, 2);
  return token; // Python keeps the backslash before anything that is no letter
}

function groupReference(reader: PatternReader, groups: number, names: ReadonlyMap<string, number> | undefined): number {
  if (!reader.takeIf('<')) throw reader.error('missing <');
  const name = reader.takeUntil('>', 'group name');
  const back = lengthOf(name) + 1;
  if (!isIdentifier(name)) {
    const number = wholeNumber(name);
    if (number === undefined) checkName(reader, name);
    return existing(reader, number!, back, groups);
  }
  const group = names === undefined ? 0 : names.get(name);
  if (group === undefined) throw reader.error(`unknown group name ${quoted(name)}`, back);
  return group;
}

function existing(reader: PatternReader, group: number | bigint, back: number, groups: number): number {
  if (group > groups) throw reader.error(`invalid group reference ${group}`, back);
  return Number(group);
}
