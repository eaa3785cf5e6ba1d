const modulus = 65_521;
/** So many bytes can be added before the sums leave 32 bits (RFC 1950's reference has the same number). */
const run = 5552;

/** Adler-32 of what was seen so far and these bytes; 1 to begin with. */
export function adler32(bytes: Uint8Array, before = 1): number {
  let low = before & 0xffff;
  let high = before >>> 16;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + run, bytes.length);
    for (; at < end; at += 1) {
      low += bytes[at]!;
      high += low;
    }
    low %= modulus;
    high %= modulus;
  }
  return ((high << 16) | low) >>> 0;
}
