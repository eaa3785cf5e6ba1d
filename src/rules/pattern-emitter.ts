import type { Category, ClassItem, PatternNode, RepeatNode } from './pattern-tree.ts';

/** The source of a JavaScript regular expression, for the `u` flag, that means what the tree means in Python. Groups keep their numbers. */
export function emitPattern(node: PatternNode): string {
  switch (node.kind) {
    case 'literal':
      return character(node.codePoint);
    case 'any':
      return '[^\\n]'; // JavaScript's dot leaves out \r, U+2028 and U+2029 too
    case 'start':
      return '^';
    case 'end':
      return '(?=\\n?$)';
    case 'class':
      return emitClass(node.items, node.negated);
    case 'group':
      return `(${node.index === undefined ? '?:' : ''}${emitPattern(node.body)})`;
    case 'sequence':
      return node.items
        .map((item) => (item.kind === 'choice' ? `(?:${emitPattern(item)})` : emitPattern(item)))
        .join('');
    case 'choice':
      return node.branches.map(emitPattern).join('|');
    case 'repeat':
      return emitRepeat(node);
  }
}

function emitRepeat({ body, min, max, lazy }: RepeatNode): string {
  const bounds = max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`;
  return `${emitPattern(body)}${bounds}${lazy ? '?' : ''}`;
}

/** Letters, digits and what can have no meaning as they are; all else by number. */
function character(codePoint: number): string {
  const text = String.fromCodePoint(codePoint);
  return /^[A-Za-z0-9_/ ]$/.test(text) ? text : `\\u{${codePoint.toString(16)}}`;
}

const word = '\\p{L}\\p{N}_';

const categories: Readonly<Record<Exclude<Category, 'W'>, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: word,
  // What `str.isspace` says, which is not what JavaScript's \s says: U+001C to U+001F and U+0085 are in, U+FEFF is out.
  s: '\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000',
  S: '\\0-\\x08\\x0e-\\x1b!-\\x84\\x86-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\u{10ffff}',
};

function emitClass(items: readonly ClassItem[], negated: boolean): string {
  const inner = items.map(emitItem).join('');
  if (!items.some(isNonWord)) return `[${negated ? '^' : ''}${inner}]`;
  // A class cannot hold the complement of a union, so \W stands beside it.
  if (negated) return inner === '' ? `[${word}]` : `(?:(?![${inner}])[${word}])`;
  return inner === '' ? `[^${word}]` : `(?:[${inner}]|[^${word}])`;
}

function emitItem(item: ClassItem): string {
  if (item.kind === 'category') return item.category === 'W' ? '' : categories[item.category];
  return item.from === item.to ? character(item.from) : `${character(item.from)}-${character(item.to)}`;
}

function isNonWord(item: ClassItem): boolean {
  return item.kind === 'category' && item.category === 'W';
}
