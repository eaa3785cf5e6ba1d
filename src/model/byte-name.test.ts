import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import {
  compareNames,
  displayName,
  fsPath,
  isUtf8Name,
  nameFromBytes,
  nameFromJson,
  nameToBytes,
  nameToJson,
} from './byte-name.ts';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 24 }),
  // Bytes at the borders of UTF-8 are where conversions go wrong.
  fc
    .array(
      fc.constantFrom(
        0x61,
        0x7f,
        0x80,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xe0,
        0xa0,
        0x9f,
        0xed,
        0xef,
        0xbf,
        0xbd,
        0xf0,
        0x90,
        0x8f,
        0xf4,
        0xf5,
        0xff,
      ),
      { maxLength: 12 },
    )
    .map((all) => Uint8Array.from(all)),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => Buffer.from(text, 'utf8')),
);

test.each([
  ['plain', [0x61], 'a'],
  ['two bytes', [0xc3, 0xbc], 'ü'],
  ['beyond the first plane', [0xf0, 0x9f, 0x98, 0x80], '😀'],
  ['U+FFFD itself', [0xef, 0xbf, 0xbd], '\ufffd'],
  ['a lone byte', [0x61, 0xff, 0x62], 'a\udcffb'],
  ['a cut sequence', [0xe6, 0x97], '\udce6\udc97'],
  ['an overlong form', [0xc0, 0xaf], '\udcc0\udcaf'],
  ['an encoded surrogate', [0xed, 0xb2, 0x80], '\udced\udcb2\udc80'],
  ['beyond the last code point', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
] as const)('%s', (_, raw, name) => {
  expect(nameFromBytes(Uint8Array.from(raw))).toBe(name);
  expect([...nameToBytes(name)]).toEqual([...raw]);
});

test('any bytes come back: from memory, from JSON', () => {
  fc.assert(
    fc.property(bytes, (raw) => {
      const name = nameFromBytes(raw);
      expect(Buffer.compare(nameToBytes(name), raw)).toBe(0);
      const json = JSON.parse(JSON.stringify(nameToJson(name)));
      expect(nameFromJson(json)).toBe(name);
      expect(json.pathBase64 === undefined).toBe(isUtf8Name(name));
      const path = fsPath(name);
      expect(Buffer.compare(typeof path === 'string' ? Buffer.from(path) : path, raw)).toBe(0);
    }),
    { numRuns: 2000 },
  );
});

test('names are in the order of their bytes', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(Math.sign(compareNames(nameFromBytes(a), nameFromBytes(b)))).toBe(Buffer.compare(a, b));
    }),
    { numRuns: 2000 },
  );
  // UTF-16 has these the other way round.
  expect(compareNames('\uff5a', '\u{1f600}')).toBe(-1);
});

test('two names are one only if their bytes are', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => (nameFromBytes(a) === nameFromBytes(b)) === (Buffer.compare(a, b) === 0)),
  );
});

test.each(['\ud800', 'a\udc00', '\udc7f', '\ud83dx', '\udd00'])('%j is no name: no byte stands behind it', (name) => {
  expect(() => nameToBytes(name)).toThrow(RangeError);
});

const python = spawnSync('python3', ['--version']).status === 0;
needing(python).test("every name is what Python's surrogateescape makes of the bytes", () => {
  const all = fc.sample(bytes, 2000);
  const script = `
import json, sys
json.dump([bytes.fromhex(h).decode('utf-8', 'surrogateescape') for h in json.load(sys.stdin)], sys.stdout)`;
  const input = JSON.stringify(all.map((raw) => Buffer.from(raw).toString('hex')));
  const child = spawnSync('python3', ['-I', '-c', script], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(child.stderr).toBe('');
  expect(all.map(nameFromBytes)).toEqual(JSON.parse(child.stdout));
});

describe('a name for people', () => {
  test.each([
    ['a b', 'a b'],
    ['a\nb\t\r', 'a\\nb\\t\\x0d'],
    ['\x1b[31m', '\\x1b[31m'],
    ['a\\n', 'a\\\\n'],
    ['\udcff', '\\xff'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['\u0085\u2028', '\\x85\\u2028'],
    ['日本 😀', '日本 😀'],
  ])('%j is shown as %s', (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  test('holds no control character, and differs for different names', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const shown = displayName(nameFromBytes(a));
        expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]|\p{Surrogate}/u);
        if (Buffer.compare(a, b) !== 0) expect(shown).not.toBe(displayName(nameFromBytes(b)));
      }),
      { numRuns: 1000 },
    );
  });
});
