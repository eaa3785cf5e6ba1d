const zero = 0x30;
const part = 1_000_000_000;

/** Puts a whole number from 0 up to 2^53 as decimal digits, at `at`; gives where it ends. */
export function putNumber(bytes: Uint8Array, at: number, number: number): number {
  if (number >= part) {
    const high = Math.floor(number / part);
    return putPadded(bytes, putNumber(bytes, at, high), number - high * part, 9);
  }
  let digits = 1;
  for (let power = 10; power <= number; power *= 10) digits += 1;
  return putPadded(bytes, at, number, digits);
}

/** Puts a whole number below 10^9 with as many digits as are said; gives where it ends. */
export function putPadded(bytes: Uint8Array, at: number, number: number, digits: number): number {
  let left = number | 0;
  for (let digit = at + digits - 1; digit >= at; digit -= 1) {
    const rest = (left / 10) | 0;
    bytes[digit] = zero + left - rest * 10;
    left = rest;
  }
  return at + digits;
}

/** Copies bytes, from `from` up to `end`, to `at`; gives where they end there. */
export function copyBytes(bytes: Uint8Array, at: number, source: Uint8Array, from = 0, end = source.length): number {
  // For a few, a call costs more than they do.
  if (end - from > 64) {
    bytes.set(from === 0 && end === source.length ? source : source.subarray(from, end), at);
    return at + end - from;
  }
  let to = at;
  for (let next = from; next < end; next += 1) {
    bytes[to] = source[next]!;
    to += 1;
  }
  return to;
}
