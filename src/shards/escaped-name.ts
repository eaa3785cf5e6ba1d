import { percentDecode } from '../model/percent.ts';

// In a line of a shard nothing needs quotes: DuckDB turns "" into NULL and mangles lone surrogates.
const mustEscape = /[%\x00-\x1f",\x7f]|\p{Surrogate}/u;
const everyOne = new RegExp(mustEscape.source, 'gu');

/** A name as it stands in a shard: `%XX` for `%`, controls, `"`, `,`, DEL and bytes that are not UTF-8; all else as it is. One to one. */
export function escapeName(name: string): string {
  return mustEscape.test(name) ? name.replace(everyOne, escaped) : name;
}

/** The name behind `escapeName`. Throws for a `%` without two hex digits. */
export function unescapeName(text: string): string {
  return text.includes('%') ? percentDecode(text) : text;
}

function escaped(character: string): string {
  const unit = character.charCodeAt(0);
  const byte = unit < 0x80 ? unit : unit - 0xdc00;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
