import { refused, rejected } from './pattern-error.ts';
import type { PatternReader } from './pattern-reader.ts';
import type { Category, ClassItem } from './pattern-tree.ts';

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

const positions: ReadonlyMap<string, string> = new Map([
  ['b', 'word boundary'],
  ['B', 'non-boundary'],
  ['A', 'start of text'],
  ['Z', 'end of text'],
]);

/** What an escape means that was just taken from the reader. Throws for what is bad or not supported. */
export function readEscape(reader: PatternReader, escaped: string, place: 'pattern' | 'class'): ClassItem {
  const letter = escaped.slice(1);
  const start = reader.position() - 2;
  if (/^[dDsSwW]$/.test(letter)) return { kind: 'category', category: letter as Category };
  const position = positions.get(letter);
  if (place === 'pattern' && position !== undefined) throw refused(reader.text, `${position} '${escaped}'`, start);
  const control = controlEscapes.get(escaped);
  if (control !== undefined) return single(control);
  if (/^[xuUN]$/.test(letter)) throw refused(reader.text, `character escape '${escaped}'`, start);
  if (letter === '0') throw refused(reader.text, `octal escape '${escaped}'`, start);
  if (place === 'pattern' && /^[1-9]$/.test(letter)) throw refused(reader.text, `back-reference '${escaped}'`, start);
  if (/^[1-7]$/.test(letter)) throw refused(reader.text, `octal escape '${escaped}'`, start);
  if (/^[A-Za-z89]$/.test(letter)) throw rejected(reader.text, `bad escape ${escaped}`, start);
  return single(letter.codePointAt(0)!);
}

/** The class item for one code point. */
export function single(codePoint: number): ClassItem {
  return { kind: 'range', from: codePoint, to: codePoint };
}
