import type { CodePointRange, Folding } from './pattern-tree.ts';

/** The lower case that Python's `re` compares by: always one code point. */
export function lowerCase(codePoint: number, folding: Folding): number {
  if (folding === 'ascii' || codePoint < 0x80) return codePoint >= 65 && codePoint <= 90 ? codePoint + 32 : codePoint;
  // The simple mapping is where the full one begins; they differ for U+0130 alone.
  return String.fromCodePoint(codePoint).toLowerCase().codePointAt(0)!;
}

/** All that a range matches when case does not count: itself, and the other cases of what is in it. */
export function otherCases(range: CodePointRange, folding: Folding): readonly CodePointRange[] {
  const others = new Set<number>();
  const add = (codePoint: number) => {
    if (codePoint < range.from || codePoint > range.to) others.add(codePoint);
  };
  const table = folding === 'unicode' ? unicodeCases() : asciiCases();
  for (const [codePoint, alike] of table) {
    if (codePoint >= range.from && codePoint <= range.to) alike.forEach(add);
  }
  if (folding === 'ascii' && range.to > 0xffff && range.from < range.to) upperIn(range).forEach(add);
  return [range, ...[...others].map((one): CodePointRange => ({ kind: 'range', from: one, to: one }))];
}

type Cases = ReadonlyMap<number, readonly number[]>;

const highestCased = 0x1ffff;
let unicode: Cases | undefined;
let ascii: Cases | undefined;

/**
 * Each letter that has other cases, with all that match it: two do if their lower cases are the same, or if those have the
 * same upper case, as s and U+017F have.
 */
function unicodeCases(): Cases {
  if (unicode !== undefined) return unicode;
  const byUpper = new Map<string, Set<number>>();
  const byLower = new Map<number, number[]>();
  for (let codePoint = 0; codePoint <= highestCased; codePoint += 1) {
    const text = String.fromCodePoint(codePoint);
    const lower = lowerCase(codePoint, 'unicode');
    const upper = text.toUpperCase();
    if (lower === codePoint && upper === text) continue;
    byUpper.set(upper, (byUpper.get(upper) ?? new Set()).add(lower));
    byLower.set(lower, [...(byLower.get(lower) ?? []), codePoint]);
  }
  const cases = new Map<number, readonly number[]>();
  for (const members of byLower.values()) for (const member of members) cases.set(member, members);
  for (const lowers of byUpper.values()) {
    if (lowers.size < 2) continue;
    const members = [...new Set([...lowers].flatMap((lower) => cases.get(lower) ?? [lower]))];
    for (const member of members) cases.set(member, members);
  }
  unicode = cases;
  return cases;
}

function asciiCases(): Cases {
  if (ascii !== undefined) return ascii;
  const cases = new Map<number, readonly number[]>();
  for (let upper = 65; upper <= 90; upper += 1) {
    cases.set(upper, [upper + 32]);
    cases.set(upper + 32, [upper]);
  }
  ascii = cases;
  return cases;
}

/** Python forgets the ASCII flag for a range that reaches beyond U+FFFF: letters whose upper case is in it match too. */
function upperIn(range: CodePointRange): readonly number[] {
  return [...unicodeCases().keys()].filter((codePoint) => {
    if (codePoint < 0x80) return false;
    const upper = [...String.fromCodePoint(codePoint).toUpperCase()];
    const only = upper.length === 1 ? upper[0]!.codePointAt(0)! : -1;
    return only >= range.from && only <= range.to;
  });
}
