import { refused, rejected } from './pattern-error.ts';
import { controlEscapes } from './pattern-escape.ts';
import { type PatternReader, patternReader } from './pattern-reader.ts';

/** What a match is replaced by: pieces of text, and numbers of groups (from 1). */
export interface Template {
  readonly source: string;
  readonly parts: readonly (string | number)[];
}

/** Parses the replacement of Python's `re.sub` for a pattern with so many groups. Throws as `pythonPattern` does. */
export function template(source: string, groups: number): Template {
  const reader = patternReader(source);
  const parts: (string | number)[] = [];
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    const part = token.startsWith('\\') ? escaped(reader, token, groups) : token;
    if (typeof part === 'string' && typeof parts.at(-1) === 'string') parts.push(`${parts.pop()}${part}`);
    else parts.push(part);
  }
  return { source, parts };
}

/** The template filled in; a group that took no part in the match is empty text. `groups[0]` is group 1. */
export function expand(template: Template, groups: readonly (string | undefined)[]): string {
  let text = '';
  for (const part of template.parts) text += typeof part === 'string' ? part : (groups[part - 1] ?? '');
  return text;
}

function escaped(reader: PatternReader, token: string, groups: number): string | number {
  const letter = token.slice(1);
  const start = reader.position() - 2;
  if (letter === 'g') throw refused(reader.text, "group reference '\\g'", start);
  if (letter === '0') throw refused(reader.text, "octal escape '\\0'", start);
  if (/^[1-9]$/.test(letter)) return groupReference(reader, letter, start, groups);
  const control = controlEscapes.get(token);
  if (control !== undefined) return String.fromCodePoint(control);
  if (/^[A-Za-z]$/.test(letter)) throw rejected(reader.text, `bad escape ${token}`, start);
  return token; // Python keeps the backslash before anything that is no letter
}

function groupReference(reader: PatternReader, first: string, start: number, groups: number): number {
  const digits = first + reader.takeDigits(1);
  const third = reader.peek();
  if (/^[0-7]{2}$/.test(digits) && third !== undefined && /^[0-7]$/.test(third)) {
    throw refused(reader.text, `octal escape '\\${digits}${third}'`, start);
  }
  const group = Number(digits);
  if (group > groups) throw rejected(reader.text, `invalid group reference ${group}`, start + 1);
  return group;
}
