import type { Category, ClassItem } from './pattern-tree.ts';

/** What a word is made of, as the inside of a JavaScript class. */
export const wordCharacters = { unicode: '\\p{L}\\p{N}_', ascii: 'A-Za-z0-9_' } as const;

const unicode: Readonly<Record<Exclude<Category, 'W'>, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: wordCharacters.unicode,
  // What `str.isspace` says, which is not what JavaScript's \s says: U+001C to U+001F and U+0085 are in, U+FEFF is out.
  s: '\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000',
  S: '\\0-\\x08\\x0e-\\x1b!-\\x84\\x86-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\u{10ffff}',
};

const ascii: Readonly<Record<Category, string>> = {
  d: '0-9',
  D: '\\0-\\/:-\\u{10ffff}',
  w: wordCharacters.ascii,
  W: '\\0-\\/:-@\\[-\\^`\\{-\\u{10ffff}',
  s: '\\t-\\r ',
  S: '\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}',
};

/** A character class as JavaScript's source, for the `u` flag. */
export function emitClass(items: readonly ClassItem[], negated: boolean): string {
  const inner = items.map(emitItem).join('');
  if (!items.some(isNonWord)) return `[${negated ? '^' : ''}${inner}]`;
  // A class cannot hold the complement of a union, so \W stands beside it.
  const word = wordCharacters.unicode;
  if (negated) return inner === '' ? `[${word}]` : `(?:(?![${inner}])[${word}])`;
  return inner === '' ? `[^${word}]` : `(?:[${inner}]|[^${word}])`;
}

/** Letters, digits and what can have no meaning as they are; all else by number. */
export function emitCharacter(codePoint: number): string {
  const text = String.fromCodePoint(codePoint);
  return /^[A-Za-z0-9_/ ]$/.test(text) ? text : `\\u{${codePoint.toString(16)}}`;
}

function emitItem(item: ClassItem): string {
  if (item.kind === 'category') {
    if (item.ascii) return ascii[item.category];
    return item.category === 'W' ? '' : unicode[item.category];
  }
  return item.from === item.to ? emitCharacter(item.from) : `${emitCharacter(item.from)}-${emitCharacter(item.to)}`;
}

function isNonWord(item: ClassItem): boolean {
  return item.kind === 'category' && item.category === 'W' && !item.ascii;
}
