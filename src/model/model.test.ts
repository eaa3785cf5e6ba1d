import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameFromBytes } from './byte-name.ts';
import { evidenceLevels, reaches } from './evidence.ts';
import { timeForPeople, timeFromText, timeToText } from './file-time.ts';
import type { Member } from './manifest.ts';
import { type MemberInJson, memberFromJson, memberToJson } from './manifest-json.ts';
import { percentDecode, percentEncode } from './percent.ts';
import { commonDirectory, directoriesBetween, isWithin, joinPath, parentOf, unsafePath } from './relative-path.ts';
import { storeKey } from './store-key.ts';

const name = fc.uint8Array({ maxLength: 16 }).map(nameFromBytes);
const part = fc.constantFrom('a', 'b', 'ab', 'ü', '\udcff', ' ', '-');
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

describe('percent', () => {
  test('any name comes back, as letters, digits, % and what was kept', () => {
    fc.assert(
      fc.property(name, fc.constantFrom('', '-_', '/-_.~'), (text, keep) => {
        const encoded = percentEncode(text, keep);
        expect(percentDecode(encoded)).toBe(text);
        for (const character of encoded)
          expect(`${keep}%`.includes(character) || /[A-Za-z0-9]/.test(character)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['a%20b', 'a b'],
    ['%ff', '\udcff'],
    ['%c3%BC', 'ü'],
    ['ü', 'ü'],
    ['%2525', '%25'],
  ])('%s is %j', (text, decoded) => {
    expect(percentDecode(text)).toBe(decoded);
  });

  test.each(['%', 'a%2', '%zz', '%%41', '% 1'])('%s is refused', (text) => {
    expect(() => percentDecode(text)).toThrow(expect.objectContaining({ code: 'configuration' }));
  });
});

describe('times', () => {
  test.each([
    [0n, '0.000000000'],
    [1n, '0.000000001'],
    [-1n, '-0.000000001'],
    [-1_500_000_000n, '-1.500000000'],
    [1_700_000_000_123_456_789n, '1700000000.123456789'],
  ])('%s is %s', (ns, text) => {
    expect(timeToText(ns)).toBe(text);
    expect(timeFromText(text)).toBe(ns);
  });

  test('any time comes back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }), (ns) => timeFromText(timeToText(ns)) === ns),
    );
  });

  test.each(['', '-', '1.2.3', '1e5', ' 1', '0x1', '1,5', 'NaN', '.5', '+1'])('%j is no time', (text) => {
    expect(timeFromText(text)).toBeUndefined();
  });

  test.each([
    [0n, '1970-01-01T00:00:00Z'],
    [-1_000_000_000n, '1969-12-31T23:59:59Z'],
    [10n ** 27n, '1000000000000000000.000000000'],
  ])('%s is shown as %s', (ns, text) => {
    expect(timeForPeople(ns)).toBe(text);
  });
});

describe('relative paths', () => {
  test.each(['', '/a', 'a//b', 'a/', './a', 'a/.', '..', 'a/../b', '../a', 'a\0b', '/'])(
    '%j is not safe, as a path or as a key',
    (text) => {
      expect(unsafePath(text)).toBeTypeOf('string');
      expect(() => storeKey(text)).toThrow(expect.objectContaining({ code: 'refused' }));
    },
  );

  test.each(['a', '...', 'a/..b/.c', '-rf', '~', 'a\nb', ' ', '\udcff', 'C:\\x'])('%j is', (text) => {
    expect(unsafePath(text)).toBeUndefined();
    expect(storeKey(text)).toBe(text);
  });

  test('the common directory holds all, and none below it does', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 5 }), (paths) => {
        const common = commonDirectory(paths);
        const holds = (directory: string) => paths.every((one) => isWithin(parentOf(one), directory));
        expect(holds(common)).toBe(true);
        const deeper = parentOf(paths[0]!)
          .slice(common === '' ? 0 : common.length + 1)
          .split('/')[0]!;
        if (deeper !== '') expect(holds(joinPath(common, deeper))).toBe(false);
      }),
    );
    expect(commonDirectory([])).toBe('');
  });

  test.each([
    ['', 'a/b/c', ['a', 'a/b']],
    ['a', 'a/b/c', ['a/b']],
    ['a/b', 'a/b/c', []],
    ['', 'a', []],
  ])('between %j and %j lie %j', (root, to, between) => {
    expect(directoriesBetween(root, to)).toEqual(between);
  });

  test.each([
    ['a/b', 'a', true],
    ['a', 'a', true],
    ['ab', 'a', false],
    ['a', 'a/b', false],
    ['anything', '', true],
  ])('%j is within %j: %s', (one, directory, within) => {
    expect(isWithin(one, directory)).toBe(within);
  });
});

test('each rung proves itself and those below, no other', () => {
  for (const [i, one] of evidenceLevels.entries())
    for (const [j, other] of evidenceLevels.entries()) expect(reaches(one, other)).toBe(i >= j);
});

describe('members in JSON', () => {
  const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const count = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));
  const member = fc
    .record({
      path: name,
      type: fc.constantFrom<Member['type']>('file', 'link', 'directory'),
      bytes: count,
      mtimeNs: fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }),
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: count,
      gid: count,
      target: some(name),
      hardLink: some(name),
      sha256: some(fc.constant('ab'.repeat(32))),
      offset: some(count),
      torn: some(fc.constant(true as const)),
    })
    .map(
      (one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as unknown as Member,
    );

  test('any member comes back', () => {
    fc.assert(
      fc.property(member, (one) => {
        expect(memberFromJson(JSON.parse(JSON.stringify(memberToJson(one))) as MemberInJson)).toEqual(one);
      }),
      { numRuns: 1000 },
    );
  });

  const good = { path: 'a', type: 'file', bytes: 1, mtime: '1.000000000', mode: '0644', uid: 0, gid: 0 };
  test.each([
    [{ bytes: -1 }],
    [{ bytes: 1.5 }],
    [{ bytes: '1' }],
    [{ bytes: 2 ** 53 }],
    [{ type: 'fifo' }],
    [{ mtime: 5 }],
    [{ mtime: 'yesterday' }],
    [{ mode: '999' }],
    [{ mode: 420 }],
    [{ path: 7 }],
    [{ path: undefined }],
  ])('%j is corrupt', (change) => {
    expect(() => memberFromJson({ ...good, ...change } as unknown as MemberInJson)).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });
});
