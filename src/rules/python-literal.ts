/** True if Python's `str.isidentifier` is. */
export function isIdentifier(text: string): boolean {
  return /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text);
}

/** What Python's `int` makes of a text, if that is a number and not negative: spaces, a sign, underscores and digits of any script. */
export function wholeNumber(text: string): bigint | undefined {
  const space = '[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';
  const found = new RegExp(`^${space}([+-]?)(\\p{Nd}+(?:_\\p{Nd}+)*)${space}$`, 'u').exec(text);
  if (found === null) return undefined;
  const digits = Array.from(found[2]!.replaceAll('_', ''), digitValue);
  // Python 3.11 takes no longer numbers than this from text.
  if (digits.length > 4300) return undefined;
  const value = BigInt(digits.join(''));
  return found[1] === '-' && value !== 0n ? undefined : value;
}

/** Digits come in runs of ten; two runs may touch. */
function digitValue(digit: string): number {
  const codePoint = digit.codePointAt(0)!;
  let first = codePoint;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (codePoint - first) % 10;
}

const short: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
]);

/** A text as Python's `repr` shows it. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = Array.from(text, (character) => {
    if (character === quote) return `\\${quote}`;
    const known = short.get(character);
    if (known !== undefined) return known;
    if (character === ' ' || !/^[\p{C}\p{Z}]$/u.test(character)) return character;
    const hex = character.codePointAt(0)!.toString(16);
    if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
    return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `${quote}${inner.join('')}${quote}`;
}
