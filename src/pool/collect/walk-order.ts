import { nameToBytes } from '../../model/byte-name.ts';

const slash = 0x2f;

/**
 * The order in which a walk finds paths, where it follows no link to elsewhere: by the bytes of the names, a directory's content before what comes behind
 * the directory. So a slash comes before every other byte. Negative if the first comes first.
 */
export function compareWalked(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (a === b) continue;
    // Of other characters the order of the units is not that of the bytes.
    if (a > 0x7f && b > 0x7f) return compareBytes(nameToBytes(one), nameToBytes(other));
    return rank(a) - rank(b);
  }
  return one.length - other.length;
}

function compareBytes(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) if (one[at] !== other[at]) return rank(one[at]!) - rank(other[at]!);
  return one.length - other.length;
}

function rank(unit: number): number {
  return unit === slash ? 0 : unit;
}
