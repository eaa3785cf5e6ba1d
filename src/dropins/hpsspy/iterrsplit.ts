/** Splits a text at `separator` and gives its parts joined again from the end: `a_b_c` gives `c`, `b_c`, `a_b_c`. Throws `RangeError` for an empty separator. */
export function* iterrsplit(text: string, separator: string): Generator<string> {
  if (separator === '') throw new RangeError('empty separator');
  const parts = text.split(separator);
  for (let from = parts.length - 1; from >= 0; from -= 1) yield parts.slice(from).join(separator);
}
