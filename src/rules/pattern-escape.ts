import { refused } from './pattern-error.ts';
import { lengthOf, type PatternReader } from './pattern-reader.ts';
import type { Category, ClassItem, CodePointRange } from './pattern-tree.ts';

/** The characters that a backslash and a letter stand for, in patterns and templates alike. */
export const controlEscapes: ReadonlyMap<string, number> = new Map([
  ['\\a', 7],
  ['\\b', 8],
  ['\\f', 12],
  ['\\n', 10],
  ['\\r', 13],
  ['\\t', 9],
  ['\\v', 11],
  ['\\\\', 92],
]);

/** How many hexadecimal digits follow. */
const hexLengths: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

const hex = /^[0-9a-fA-F]$/;
const octal = /^[0-7]$/;

/** What an escape means that was just taken from the reader, but for places and group references. `ascii` narrows the named sets. */
export function readEscape(
  reader: PatternReader,
  escaped: string,
  place: 'pattern' | 'class',
  ascii: boolean,
): ClassItem {
  const letter = escaped.slice(1);
  if (/^[dDsSwW]$/.test(letter)) return { kind: 'category', category: letter as Category, ascii };
  const control = controlEscapes.get(escaped);
  if (control !== undefined) return single(control);
  const digits = hexLengths.get(letter);
  if (digits !== undefined) return single(hexadecimal(reader, escaped, digits));
  if (letter === 'N') throw characterName(reader);
  if (letter === '0' || (place === 'class' && octal.test(letter))) {
    return single(octalValue(reader, escaped + reader.takeWhile(octal, 2)));
  }
  if (/^[A-Za-z0-9]$/.test(letter)) throw reader.error(`bad escape ${escaped}`, 2);
  return single(letter.codePointAt(0)!);
}

/** What a backslash and a digit from 1 to 9, just taken, mean outside of a class: a group, or a character by three octal digits. */
export function readNumber(reader: PatternReader, escaped: string): { group: number } | { codePoint: number } {
  const digits = escaped + reader.takeWhile(/^[0-9]$/, 1);
  if (/^\\[0-7]{2}$/.test(digits) && octal.test(reader.peek() ?? '')) {
    return { codePoint: octalValue(reader, digits + reader.take()) };
  }
  return { group: Number(digits.slice(1)) };
}

/** The class item for one code point. */
export function single(codePoint: number): CodePointRange {
  return { kind: 'range', from: codePoint, to: codePoint };
}

function hexadecimal(reader: PatternReader, escaped: string, digits: number): number {
  const whole = escaped + reader.takeWhile(hex, digits);
  if (whole.length < digits + 2) throw reader.error(`incomplete escape ${whole}`, whole.length);
  const value = Number.parseInt(whole.slice(2), 16);
  if (value > 0x10ffff) throw reader.error(`bad escape ${whole}`, whole.length);
  return value;
}

function octalValue(reader: PatternReader, whole: string): number {
  const value = Number.parseInt(whole.slice(1), 8);
  if (value > 0o377) throw reader.error(`octal escape value ${whole} outside of range 0-0o377`, whole.length);
  return value;
}

/** Characters by their names in Unicode: there are 30,000 of them, and no table of them in Node. */
function characterName(reader: PatternReader) {
  if (!reader.takeIf('{')) return reader.error('missing {');
  const name = reader.takeUntil('}', 'character name');
  return refused(reader.text, `character name '\\N{${name}}'`, reader.position() - lengthOf(name) - 4);
}
