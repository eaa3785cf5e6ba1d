import { StowageError } from '../errors.ts';

const powers: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4, P: 5 };

/** Bytes of a size such as `500G`, `1.5T` or `1048576`; K, M, G, T, P are powers of 1024 (a trailing `iB` or `B` is understood). Throws `usage`. */
export function parseSize(given: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGTP]?)(?:i?B)?$/i.exec(given.trim());
  const bytes = match === null ? Number.NaN : Math.round(Number(match[1]) * 1024 ** powers[match[2]!.toUpperCase()]!);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new StowageError('usage', `'${given}' is not a size`, {
    hint: 'a number of bytes, or one with K, M, G, T or P: --size-limit 500G',
  });
}

/** The sizes that `+10M` (more), `-1k` (less) or `4096` (exactly that) stand for. Throws `usage`. */
export function parseSizeRange(given: string): { readonly from?: number; readonly to?: number } {
  const sign = /^[+-]/.exec(given)?.[0] ?? '';
  const size = given.slice(sign.length);
  const bytes = /^0+[KMGTP]?(?:i?B)?$/i.test(size) ? 0 : parseSize(size);
  if (sign === '+') return { from: bytes + 1 };
  return sign === '-' ? { to: bytes - 1 } : { from: bytes, to: bytes };
}
