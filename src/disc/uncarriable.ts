import { nameToBytes } from '../model/byte-name.ts';

/** The longest path and the longest target that libisofs writes; one byte more, and xorriso fails or crashes (seen with 1.5.4). */
const longestPath = 1023;
const longestTarget = 1023;
const longestPart = 255;

/** What a disc is to hold, as far as it matters for whether it can. */
export interface Carried {
  readonly path: string;
  readonly type: string;
  readonly target?: string;
  readonly mtimeSeconds: number;
}

/**
 * Why ISO 9660 with Rock Ridge cannot carry something exactly as it is, or undefined if it can: what it would shorten, change or crash on.
 * Every byte but NUL and `/` is fine in a name.
 */
export function uncarriable({ path, type, target, mtimeSeconds }: Carried): string | undefined {
  if (type !== 'file' && type !== 'link' && type !== 'directory') return `it is a ${type.replaceAll('-', ' ')}`;
  if (nameToBytes(path).length > longestPath) return `its path on the disc is longer than ${longestPath} bytes`;
  if (path.split('/').some((part) => nameToBytes(part).length > longestPart))
    return `a part of its path is longer than ${longestPart} bytes`;
  const year = new Date(mtimeSeconds * 1000).getUTCFullYear();
  if (!(year >= 1900 && year <= 2155)) return 'its time is not between the years 1900 and 2155';
  return target === undefined ? undefined : uncarriableTarget(target);
}

function uncarriableTarget(target: string): string | undefined {
  if (nameToBytes(target).length > longestTarget) return `its target is longer than ${longestTarget} bytes`;
  if (target.split('/').some((part) => nameToBytes(part).length > longestPart))
    return `a part of its target is longer than ${longestPart} bytes`;
  if (target.length > 1 && target.endsWith('/')) return 'its target ends in a slash, which would be lost';
  return undefined;
}
