import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameFromBytes } from '../model/byte-name.ts';
import type { Entry } from '../model/entry.ts';
import { rowLine } from './listing-row.ts';
import { signatureOfEntries, signatureOfLines } from './signature.ts';

const name = fc.uint8Array({ minLength: 1, maxLength: 12 }).map(nameFromBytes);
const entry: fc.Arbitrary<Entry> = fc
  .record({
    path: name,
    disk: fc.constantFrom('/a', '/b'),
    type: fc.constant('file' as const),
    bytes: fc.maxSafeNat(),
    mtimeNs: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
    mode: fc.nat(0o7777),
    uid: fc.nat(70_000),
    gid: fc.nat(70_000),
  })
  .chain((one) =>
    fc.constantFrom<Entry>(one, { ...one, type: 'link', target: one.path }, { ...one, sharedFile: '8:1' }),
  );
const lineOf = (one: Entry) => rowLine(one, one.disk === '/a' ? 0 : 1).slice(0, -1);

test('lines and the members that were made of them have one signature', () => {
  fc.assert(
    fc.property(fc.array(entry), (all) => {
      expect(signatureOfLines(all.map(lineOf))).toBe(signatureOfEntries(all));
    }),
  );
});

test.each<[string, Partial<Entry>, boolean]>([
  ['nothing', {}, true],
  ['the disk', { disk: '/b' }, true],
  ['further names of the file', { sharedFile: '8:2' }, true],
  ['the name', { path: 'a/c' }, false],
  ['the size', { bytes: 6 }, false],
  ['a nanosecond', { mtimeNs: 2n }, false],
  ['the mode', { mode: 0o600 }, false],
  ['the owner', { uid: 2 }, false],
  ['the group', { gid: 2 }, false],
  ['the type', { type: 'link', target: 'x' }, false],
])('if %s differs', (_, change, same) => {
  const one: Entry = { path: 'a/b', disk: '/a', type: 'file', bytes: 5, mtimeNs: 1n, mode: 0o644, uid: 1, gid: 1 };
  const signature = signatureOfLines([lineOf(one)]);
  expect(signatureOfLines([lineOf({ ...one, ...change })]) === signature).toBe(same);
  expect(signatureOfLines([lineOf(one), lineOf(one)])).not.toBe(signature);
});
