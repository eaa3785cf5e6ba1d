const digits = /^[\s\x1c-\x1f\x85]*([+-]?)(\p{Nd}+(?:_\p{Nd}+)*)[\s\x1c-\x1f\x85]*$/u;

/** What Python's `int` makes of a text: blanks around it, a sign, underscores between digits and the digits of all scripts are read; undefined for anything else. */
export function pythonInteger(text: string): bigint | undefined {
  const found = digits.exec(text);
  if (found === null) return undefined;
  const plain = found[2]!.replaceAll('_', '').replace(/[^0-9]/gu, (digit) => String(digitValue(digit)));
  return found[1] === '-' ? -BigInt(plain) : BigInt(plain);
}

/** Digits stand in tens, from a zero on: the ones before it in the run tell which it is. */
function digitValue(digit: string): number {
  let value = 0;
  for (let code = digit.codePointAt(0)! - 1; /\p{Nd}/u.test(String.fromCodePoint(code)); code -= 1) value += 1;
  return value % 10;
}
