import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { nameFromBytes, nameToBytes } from '../model/byte-name.ts';
import { baseOf } from '../model/relative-path.ts';

const longestName = 255;
const ending = /^\..*\.[0-9a-f]{16}\.tmp$/s;

/** A fresh name in the folder of `path`: `.NAME.RANDOM.tmp`, cut to the 255 bytes that a name may have. */
export function temporaryName(path: string): string {
  const tail = `.${randomBytes(8).toString('hex')}.tmp`;
  const name = `.${cut(baseOf(path), longestName - 1 - tail.length)}${tail}`;
  const folder = dirname(path);
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

/** True if a name (without its folder) is one that `temporaryName` makes. */
export function isTemporaryName(name: string): boolean {
  return ending.test(name);
}

/** At most `bytes` bytes of a name, whole characters only: some file systems refuse names that are not UTF-8. */
function cut(name: string, bytes: number): string {
  const whole = nameToBytes(name);
  if (whole.length <= bytes) return name;
  let end = bytes;
  while (end > bytes - 4 && (whole[end]! & 0xc0) === 0x80) end -= 1;
  return nameFromBytes(whole.subarray(0, end));
}
