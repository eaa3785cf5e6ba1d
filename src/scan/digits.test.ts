import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyBytes, putNumber, putPadded } from './digits.ts';

const text = (bytes: Uint8Array, end: number) => Buffer.from(bytes.subarray(0, end)).toString('latin1');

test('a number stands as its decimal digits', () => {
  const near = [
    0,
    9,
    10,
    99,
    1e9 - 1,
    1e9,
    1e9 + 1,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    1e18 / 1e3,
    Number.MAX_SAFE_INTEGER,
  ];
  const bytes = new Uint8Array(32);
  const isRight = (number: number) => {
    bytes.fill(0x78);
    const end = putNumber(bytes, 1, number);
    expect(text(bytes, end + 1)).toBe(`x${number}x`);
  };
  for (const number of near) isRight(number);
  fc.assert(fc.property(fc.maxSafeNat(), isRight));
});

test('padded, it has as many as are asked for', () => {
  const bytes = new Uint8Array(16);
  fc.assert(
    fc.property(fc.nat({ max: 999_999_999 }), (number) => {
      expect(text(bytes, putPadded(bytes, 0, number, 9))).toBe(String(number).padStart(9, '0'));
    }),
  );
});

test('bytes are copied from where it is said', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (source, number) => {
      const from = number % (source.length + 1);
      const bytes = new Uint8Array(210);
      const end = copyBytes(bytes, 3, source, from);
      expect(Buffer.from(bytes.subarray(3, end))).toEqual(Buffer.from(source.subarray(from)));
    }),
  );
});
