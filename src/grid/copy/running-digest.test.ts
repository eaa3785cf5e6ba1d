import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { adler32 } from './adler32.ts';
import { runningDigest } from './running-digest.ts';

// The values of Python's zlib and hashlib.
test.each([
  ['', 1],
  ['a', 0x00620062],
  ['Wikipedia', 0x11e60398],
])('adler32 of %j', (text, value) => expect(adler32(Buffer.from(text))).toBe(value));

test('adler32 of the largest bytes leaves no sum too large, and pieces make the same as the whole', () => {
  const bytes = Buffer.alloc(100_000, 0xff);
  expect(adler32(bytes)).toBe(0x149a302c);
  const mixed = randomBytes(20_000);
  expect(adler32(mixed.subarray(7000), adler32(mixed.subarray(0, 7000)))).toBe(adler32(mixed));
});

test.each([
  ['md5', 'c4ca4238a0b923820dcc509a6f75849b'],
  ['adler32', '00320032'],
  ['crc32', '83dcefb7'],
  ['crc64', undefined],
  [undefined, undefined],
] as const)('the checksum %s, and always the MD5', (kind, value) => {
  const digest = runningDigest(kind);
  digest.update(Buffer.from('1'));
  expect([digest.checksum(), digest.md5(), digest.bytes()]).toEqual([value, 'c4ca4238a0b923820dcc509a6f75849b', 1]);
});
