import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberLine } from '../../catalog/member-lines.ts';
import type { Entry } from '../../model/entry.ts';
import { headerRoom, writeMemberHeader, writePlainHeader } from '../../pack/member-header.ts';
import { rowLine } from '../../shards/listing-row.ts';
import { entryItem } from './line-item.ts';
import { plainLine, plainMemberLine } from './plain-line.ts';

const usual: Entry = {
  path: 'd/a b.fits',
  disk: '/a',
  type: 'file',
  bytes: 300,
  mtimeNs: 1_700_000_000_123_456_789n,
  mode: 0o644,
  uid: 1000,
  gid: 1000,
};

function plainOf(entry: Entry) {
  return plainLine(rowLine(entry, 0).slice(0, -1), ['/a']);
}

test.each([
  ['the usual file', {}, true],
  ['no fraction of a second', { mtimeNs: 1_700_000_000_000_000_000n }, true],
  ['an empty one', { bytes: 0 }, true],
  ['one that sets its user', { mode: 0o4711 }, true],
  ['one that nobody may read', { mode: 0 }, true],
  ['of root', { uid: 0, gid: 0 }, true],
  ['the longest name of a header', { path: 'x'.repeat(100) }, true],
  ['a longer name', { path: 'x'.repeat(101) }, false],
  ['a backslash', { path: 'a\\b' }, false],
  ['a quotation mark', { path: 'a"b' }, false],
  ['a comma', { path: 'a,b' }, false],
  ['a letter that is not ASCII', { path: 'ä' }, false],
  ['a large one', { bytes: 262_145 }, false],
  ['before 1970', { mtimeNs: -1_700_000_000_123_456_789n }, false],
  ['in the year 2001', { mtimeNs: 999_999_999_999_999_999n }, false],
  ['more seconds than eleven octal digits', { mtimeNs: 8_589_934_592_000_000_001n }, false],
  ['in the year 2286', { mtimeNs: 10_000_000_000_000_000_001n }, false],
  ['a large owner', { uid: 1_000_000 }, false],
  ['a large group', { gid: 2_097_152 }, false],
  ['an unknown owner', { uid: -1, gid: -1 }, false],
  ['a further name', { sharedFile: '1:2' }, false],
  ['a link', { type: 'link', target: 'x', bytes: 0 }, false],
  ['a directory', { type: 'directory', bytes: 0 }, false],
] as const)('%s', (_, facts, isPlain) => {
  const found = plainOf({ ...usual, ...facts } as Entry);
  expect(found !== undefined).toBe(isPlain);
});

test('what is no line of a listing is not plain, and neither is a file below a root that is no text', () => {
  const line = rowLine(usual, 0).slice(0, -1);
  for (let length = 0; length < line.length; length += 1)
    expect(plainLine(line.slice(0, length), ['/a'])).toBeUndefined();
  expect(plainLine(line, [undefined])).toBeUndefined();
  expect(plainLine(line, [])).toBeUndefined();
});

test('a plain file has the header and the journal line that it has as any other', () => {
  const entry = fc.record({
    path: fc.stringMatching(/^[ -~]{1,100}$/),
    disk: fc.constant('/a'),
    type: fc.constant('file' as const),
    bytes: fc.nat(262_144),
    mtimeNs: fc.oneof(
      fc.bigInt({ min: 1_000_000_000_000_000_000n, max: 8_000_000_000_000_000_000n }),
      fc.bigInt({ min: 1_000_000_000n, max: 7_999_999_999n }).map((seconds) => seconds * 1_000_000_000n),
    ),
    mode: fc.nat(0o7777),
    uid: fc.nat(1_100_000),
    gid: fc.nat(1_100_000),
  });
  let plain = 0;
  fc.assert(
    fc.property(entry, (one) => {
      const found = plainOf(one);
      if (found === undefined) return;
      plain += 1;
      const { member, content } = entryItem(one);
      expect(content).toEqual({ kind: 'disk', path: found.file.from });
      const [ours, theirs] = [Buffer.alloc(headerRoom(member)), Buffer.alloc(headerRoom(member))];
      expect(writePlainHeader(ours, 0, found.file)).toBe(writeMemberHeader(theirs, 0, member));
      expect(ours.equals(theirs)).toBe(true);
      const streamed = { sha256: 'ab'.repeat(32), offset: 512 };
      expect(plainMemberLine(found, streamed)).toBe(memberLine({ ...member, ...streamed }));
    }),
    { numRuns: 1000 },
  );
  expect(plain).toBeGreaterThan(300);
});
