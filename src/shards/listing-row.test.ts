import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameFromBytes } from '../model/byte-name.ts';
import type { Entry, EntryType, Unseen } from '../model/entry.ts';
import { escapeName, unescapeName } from './escaped-name.ts';
import { type ListingRow, lineRow, listingColumns, rowLine } from './listing-row.ts';

const name = fc.uint8Array({ minLength: 1, maxLength: 30 }).map(nameFromBytes);
const disks = ['/a', '/b,"c"', '/d\udcff'];
const place = { path: name, disk: fc.constantFrom(...disks) };
const entry: fc.Arbitrary<Entry> = fc
  .record(
    {
      ...place,
      type: fc.constantFrom<EntryType>('file', 'directory', 'fifo', 'socket', 'character-device', 'block-device'),
      bytes: fc.maxSafeNat(),
      mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
      mode: fc.nat(0o7777),
      uid: fc.integer({ min: -1, max: 2 ** 32 - 2 }),
      gid: fc.nat(2 ** 32 - 2),
      sharedFile: fc.tuple(fc.nat(), fc.nat()).map(([dev, ino]) => `${dev}:${ino}`),
    },
    { requiredKeys: ['path', 'disk', 'type', 'bytes', 'mtimeNs', 'mode', 'uid', 'gid'] },
  )
  .chain((one) => fc.constantFrom<Entry>(one, { ...one, type: 'link', target: one.path }));
const unseen: fc.Arbitrary<Unseen> = fc.record({
  ...place,
  kind: fc.constantFrom('unreadable', 'vanished'),
  directory: fc.boolean(),
  reason: fc.string(),
});
const row = fc.oneof<fc.Arbitrary<ListingRow>[]>(entry, unseen, fc.record({ ...place, kind: fc.constant('empty') }));

test('every row comes back from its line', () => {
  fc.assert(
    fc.property(row, (one) => {
      const line = rowLine(one, disks.indexOf(one.disk));
      expect(line.endsWith('\n')).toBe(true);
      expect(lineRow(line.slice(0, -1), disks)).toEqual(one);
    }),
  );
});

test('a line has as many fields as the first line names, and nothing in it needs quotes or is not UTF-8', () => {
  fc.assert(
    fc.property(row, (one) => {
      const line = rowLine(one, 0).slice(0, -1);
      expect(line.split(',').length).toBe(listingColumns.split(',').length);
      expect(line).not.toMatch(/["\x00-\x1f\x7f]|\p{Surrogate}/u);
    }),
  );
});

test.each([
  ['plain/name.fits', 'plain/name.fits'],
  ['50%', '50%25'],
  ['%41', '%2541'],
  ['a,b"c', 'a%2Cb%22c'],
  ['new\nline\x7f', 'new%0Aline%7F'],
  ['\udcff\u00e9\u{1f600}', '%FF\u00e9\u{1f600}'],
])('%j stands as %j', (name, text) => {
  expect(escapeName(name)).toBe(text);
  expect(unescapeName(text)).toBe(name);
});

test.each(['', 'a,0,f,1', 'a,9,f,1,1,644,0,0,,,', 'a,0,q,1,1,644,0,0,,,', 'a,0,f,1,1,644,0,0,,,,'])(
  'the line %j is corrupt',
  (line) => {
    expect(() => lineRow(line, ['/a'])).toThrow(expect.objectContaining({ code: 'corrupt' }));
  },
);
