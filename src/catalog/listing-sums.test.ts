import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { realFiles } from '../durable/real-files.ts';
import type { Entry } from '../model/entry.ts';
import type { Member } from '../model/manifest.ts';
import { parentOf } from '../model/relative-path.ts';
import { type ListingRow, listingColumns, rowLine } from '../shards/listing-row.ts';
import type { StoredListing } from '../shards/stored-listing.ts';
import { openCatalog } from './catalog.ts';
import type { DiskSum } from './member-query.ts';
import { type MembersOptions, openMembers } from './open-members.ts';
import { recordMembers } from './record-members.ts';
import type { StateFolder } from './state-folder.ts';
import { anyName, identity, type Recorded, section, stateWith, writeRuns } from './test-journals.ts';

const disks = ['/disk/data', '/other/data'];

/** These rows as a listing, spread over `count` shards. */
async function listingOf(rows: readonly ListingRow[], count: number): Promise<StoredListing> {
  const folder = await scratchFolder();
  const shards = Array.from({ length: count }, (_, at) => {
    const lines = rows.filter((_, number) => number % count === at).map((row) => rowLine(row, disks.indexOf(row.disk)));
    const content = Buffer.from(`${listingColumns}\n${lines.join('')}`);
    const name = `${String(at + 1).padStart(6, '0')}.csv`;
    writeFileSync(join(folder, name), content);
    return { name, rows: lines.length, bytes: content.length, crc32: crc32(content) };
  });
  return { folder, source: 'scan', roots: disks, begunAt: '2024', endedAt: '2024', shards };
}

async function summed(
  state: StateFolder,
  listing: StoredListing,
  below: string,
  how: 'index' | 'record',
  limits: Pick<MembersOptions, 'memoryMiB' | 'workMiB' | 'rowsAtOnce'> = {},
) {
  const store =
    how === 'record'
      ? recordMembers(await openCatalog(state, section, identity))
      : await openMembers(state, section, identity, { files: realFiles, indexFrom: 0, ...limits });
  try {
    const sums: DiskSum[] = [];
    for await (const one of store.onDisk(listing, below)) sums.push(one);
    return sums.sort((a, b) => (a.folder < b.folder ? -1 : 1));
  } finally {
    await store.close();
  }
}

const file: Entry = {
  path: 'd/a',
  disk: disks[0]!,
  type: 'file',
  bytes: 7,
  mtimeNs: 5_000_000_000n,
  mode: 0o644,
  uid: 0,
  gid: 0,
};
const link: Entry = { ...file, path: 'd/l', type: 'link', bytes: 0, target: 'a,%' };
const memberOf = ({ disk: _, sharedFile: __, ...entry }: Entry): Member => entry as Member;
const archive = (members: readonly Member[], more: Partial<Recorded> = {}): Recorded => ({
  key: 'data/x.tar',
  members,
  ...more,
});
const same = { files: 1, sameFiles: 1, changedFiles: 0 };
const changed = { files: 1, sameFiles: 0, changedFiles: 1 };
const neither = { files: 1, sameFiles: 0, changedFiles: 0 };
const adopted = { adopted: true };
/** As an index of htar tells it. */
const ofMinute = (mtimeNs: bigint, entry: Entry = file): Member => ({ ...memberOf(entry), mtimeNs, uid: -1, gid: -1 });
const plain = { adopted: true, format: 'plain', key: 'data/x' } as const;

test.each<[string, ListingRow, Recorded, object]>([
  ['as it was archived', file, archive([memberOf(file)]), { ...same, bytes: 7, sameBytes: 7 }],
  ['of another size', { ...file, bytes: 8 }, archive([memberOf(file)]), { ...changed, changedBytes: 8 }],
  ['999 ns later', { ...file, mtimeNs: file.mtimeNs + 999n }, archive([memberOf(file)]), same],
  ['a microsecond later', { ...file, mtimeNs: file.mtimeNs + 1000n }, archive([memberOf(file)]), changed],
  ['a microsecond earlier', { ...file, mtimeNs: file.mtimeNs - 1000n }, archive([memberOf(file)]), changed],
  ['never archived', file, archive([{ ...memberOf(file), path: 'd/b' }]), neither],
  ['a link', link, archive([memberOf(link)]), same],
  ['a link that points elsewhere', { ...link, target: 'b' }, archive([memberOf(link)]), changed],
  ['a link that was a file', { ...link, path: 'd/a' }, archive([{ ...memberOf(file), bytes: 0 }]), changed],
  ['torn', file, archive([{ ...memberOf(file), torn: true }]), changed],
  ['a pipe', { ...file, type: 'fifo', bytes: 0 }, archive([{ ...memberOf(file), bytes: 0 }]), changed],
  ['adopted, within its second', { ...file, mtimeNs: 5_999_999_999n }, archive([memberOf(file)], adopted), same],
  ['adopted, a second later', { ...file, mtimeNs: 6_000_000_000n }, archive([memberOf(file)], adopted), changed],
  [
    'adopted from htar, within the minute',
    { ...file, mtimeNs: 119_999_999_999n },
    archive([ofMinute(60_000_000_000n)], adopted),
    same,
  ],
  [
    'adopted from htar, before 1970',
    { ...file, mtimeNs: -61_000_000_000n },
    archive([ofMinute(-60_000_000_000n)], adopted),
    same,
  ],
  [
    'adopted from htar, a minute later',
    { ...file, mtimeNs: 120_000_000_000n },
    archive([ofMinute(60_000_000_000n)], adopted),
    changed,
  ],
  [
    'a link adopted from htar',
    { ...link, mtimeNs: 61_000_000_000n },
    archive([ofMinute(60_000_000_000n, link)], adopted),
    same,
  ],
  [
    'the same with its place, read from the headers',
    { ...file, mtimeNs: 61_000_000_000n },
    archive([{ ...ofMinute(60_000_000_000n), offset: 512 }], adopted),
    changed,
  ],
  ['adopted plain, earlier', { ...file, mtimeNs: 1n }, archive([memberOf(file)], plain), same],
  ['adopted plain, later', { ...file, mtimeNs: 5_000_000_001n }, archive([memberOf(file)], plain), changed],
  [
    'before any time that an index can hold',
    { ...file, mtimeNs: -(10n ** 19n) },
    archive([{ ...memberOf(file), mtimeNs: -(10n ** 19n) }]),
    same,
  ],
  [
    'a place that could not be looked at',
    { path: 'd/a', disk: disks[0]!, kind: 'unreadable', directory: false, reason: 'permission denied' },
    archive([memberOf(file)]),
    { files: 0, unseen: 1 },
  ],
])('%s', async (_, row, recorded, expected) => {
  const state = await stateWith([[recorded]]);
  const listing = await listingOf([row, { ...file, path: 'd', type: 'directory', bytes: 0 }], 1);
  for (const how of ['record', 'index'] as const) {
    expect(await summed(state, listing, '', how), how).toMatchObject([{ folder: 'd', ...expected }]);
  }
});

test('what lies in a directory that could not be read is unseen below it, and in whatever lies in it', async () => {
  const state = await stateWith([[archive([{ ...memberOf(file), path: 'd/e/f' }])]]);
  const blind: ListingRow = { path: 'd', disk: disks[0]!, kind: 'unreadable', directory: true, reason: '' };
  const listing = await listingOf([blind], 1);
  for (const how of ['record', 'index'] as const) {
    for (const below of ['', 'd', 'd/e']) {
      const folder = below === '' ? 'd' : below;
      expect(await summed(state, listing, below, how)).toMatchObject([{ folder, unseen: 1 }]);
    }
    expect(await summed(state, listing, 'd2', how)).toEqual([]);
    expect(await summed(state, await listingOf([{ ...blind, path: '' }], 1), 'd/e', how)).toMatchObject([
      { unseen: 1 },
    ]);
  }
});

test('a path that two archives hold is as archived if one of them has it so; on two disks it counts twice', async () => {
  const old = { ...memberOf(file), mtimeNs: 1n };
  const state = await stateWith([[archive([memberOf(file)]), archive([old], { key: 'data/y.tar' })]]);
  const listing = await listingOf([file, { ...file, disk: disks[1]!, bytes: 1 }], 2);
  for (const how of ['record', 'index'] as const) {
    expect(await summed(state, listing, '', how)).toEqual([
      { folder: 'd', files: 2, bytes: 8, sameFiles: 1, sameBytes: 7, changedFiles: 1, changedBytes: 1, unseen: 0 },
    ]);
  }
});

test('without any listed entry, and without any record', async () => {
  const state = await stateWith([]);
  for (const how of ['record', 'index'] as const) {
    expect(await summed(state, await listingOf([], 0), '', how)).toEqual([]);
    expect(await summed(state, await listingOf([file], 2), 'd', how)).toMatchObject([neither]);
  }
});

test.each(['record', 'index'] as const)('a shard that was damaged is refused, by the %s', async (how) => {
  const state = await stateWith([[archive([memberOf(file)])]]);
  const listing = await listingOf([file], 1);
  writeFileSync(join(listing.folder, '000001.csv'), `${listingColumns}\n${rowLine({ ...file, bytes: 8 }, 0)}`);
  await expect(summed(state, listing, '', how)).rejects.toMatchObject({ code: 'corrupt', hint: expect.any(String) });
});

test.each([
  ['too little memory', { memoryMiB: 8 }],
  ['too little space for the work', { memoryMiB: 24, workMiB: 1 }],
])('%s is told, and the next run works', async (_, limits) => {
  const entries = Array.from({ length: 60_000 }, (_, at) => ({ ...file, path: `${'long/'.repeat(20)}${at}` }));
  const state = await stateWith([[archive(entries.map(memberOf))]]);
  const listing = await listingOf(entries, 2);
  const expected = { files: 60_000, sameFiles: 60_000 };
  // The index is made: what is short is for the comparison.
  expect(await summed(state, await listingOf(entries, 1), '', 'index')).toMatchObject([expected]);
  await expect(summed(state, listing, '', 'index', limits)).rejects.toMatchObject({
    code: 'full',
    hint: expect.any(String),
  });
  expect(readdirSync(join(state.path, 'work'))).toEqual([]);
  expect(await summed(state, listing, '', 'index')).toMatchObject([expected]);
  // What was added up is kept: it is not compared again.
  expect(await summed(state, listing, '', 'index', limits)).toMatchObject([expected]);
});

describe('sums that are kept', () => {
  const keptIn = (state: StateFolder) =>
    readdirSync(join(state.path, 'index', section)).filter((name) => name.startsWith('usage-'));

  test('count for their listing and their record only, and the last ones are kept', async () => {
    const runs = [[archive([memberOf(file)])], [archive([{ ...memberOf(file), bytes: 8 }])]];
    const state = await stateWith(runs.slice(0, 1));
    const first = await listingOf([file], 1);
    expect(await summed(state, first, '', 'index')).toMatchObject([same]);
    const [kept] = keptIn(state);
    expect(await summed(state, first, 'd', 'index')).toMatchObject([same]);
    expect(keptIn(state)).toEqual([kept]);
    const second = await listingOf([{ ...file, bytes: 8 }], 1);
    expect(await summed(state, second, '', 'index')).toMatchObject([changed]);
    writeRuns(state, runs, 1);
    expect(await summed(state, second, '', 'index')).toMatchObject([same]);
    expect(await summed(state, first, '', 'index')).toMatchObject([changed]);
    expect(keptIn(state).length).toBe(1);
  });

  test.each([
    ['cut', (content: Buffer) => content.subarray(0, 5000)],
    ['nothing', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('no database')],
    ['changed', (content: Buffer) => content.fill(7, 8192)],
  ])('are made anew where what lies there is %s', async (_, damaged) => {
    const state = await stateWith([[archive([memberOf(file)])]]);
    const listing = await listingOf([file], 1);
    expect(await summed(state, listing, '', 'index')).toMatchObject([same]);
    const path = join(state.path, 'index', section, keptIn(state)[0]!);
    writeFileSync(path, damaged(readFileSync(path)));
    expect(await summed(state, listing, 'd', 'index')).toMatchObject([same]);
    expect(await summed(state, listing, '', 'index')).toMatchObject([same]);
  });
});

test('a small fence suffices: reading the shards leaves it to the work', async () => {
  const entries = Array.from({ length: 60_000 }, (_, at) => ({ ...file, path: `${'long/'.repeat(20)}${at}` }));
  const state = await stateWith([[archive(entries.map(memberOf))]]);
  const listing = await listingOf(entries, 4);
  expect(await summed(state, listing, '', 'index', { memoryMiB: 48 })).toMatchObject([{ sameFiles: 60_000 }]);
});

const anyRow: fc.Arbitrary<ListingRow> = fc
  .record({
    path: anyName,
    disk: fc.constantFrom(...disks),
    type: fc.constantFrom('file', 'file', 'file', 'link', 'directory', 'socket', 'unreadable', 'vanished', 'empty'),
    bytes: fc.constantFrom(0, 1, 2 ** 40),
    mtimeNs: fc.constantFrom(0n, 1n, -1n, 1000n, 10n ** 9n, 1_700_000_000_123_456_789n),
    target: anyName,
    directory: fc.boolean(),
    shared: fc.constantFrom(undefined, undefined, '1:1', '1:2'),
  })
  .map(({ path, disk, type, bytes, mtimeNs, target, directory, shared }) => {
    if (type === 'empty') return { path, disk, kind: type };
    if (type === 'unreadable' || type === 'vanished') return { path, disk, kind: type, directory, reason: 'r' };
    const facts = { path, disk, type, mtimeNs, mode: 0, uid: 0, gid: 0 };
    if (type === 'link') return { ...facts, bytes: 0, target };
    const sharedFile = shared === undefined ? {} : { sharedFile: shared };
    return { ...facts, bytes: type === 'file' ? bytes : 0, ...(type === 'file' ? sharedFile : {}) } as Entry;
  });

/** Archives of which many members are what the listing has. */
const anyRecorded = (rows: readonly ListingRow[]): fc.Arbitrary<readonly Recorded[]> => {
  const members = rows
    .filter((row): row is Entry => 'type' in row && ['file', 'link'].includes(row.type))
    .map(memberOf);
  if (members.length === 0) return fc.constant([]);
  const anyMember = fc
    .record({
      member: fc.constantFrom(...members),
      later: fc.constantFrom(0n, 0n, 0n, 1n, 999n, -1000n, 10n ** 9n),
      more: fc.constantFrom<Partial<Member>[]>({}, {}, {}, { bytes: 5 }, { torn: true }, { hardLink: 'd/a' }),
    })
    .map(
      ({ member, later, more }): Member => ({
        ...member,
        mtimeNs: member.mtimeNs + later,
        ...(member.type === 'link' ? {} : more),
      }),
    );
  return fc.array(
    fc.record({
      key: fc.constantFrom('data/x.tar', 'data/y.tar', 'data/z'),
      members: fc.uniqueArray(anyMember, { selector: ({ path }) => path, maxLength: 6 }),
      adopted: fc.boolean(),
      format: fc.constantFrom('tar' as const, 'plain' as const),
    }),
    { maxLength: 4 },
  );
};

test('the index and the record say the same of any listing', async () => {
  const anyCase = fc
    .uniqueArray(anyRow, { selector: ({ path, disk }) => `${disk}\0${path}`, maxLength: 12 })
    .chain((rows) =>
      fc.tuple(fc.constant(rows), anyRecorded(rows), anyName.map(parentOf), fc.integer({ min: 1, max: 3 })),
    );
  await fc.assert(
    fc.asyncProperty(anyCase, async ([rows, recorded, below, shards]) => {
      const state = await stateWith([recorded]);
      const listing = await listingOf(rows, shards);
      for (const at of new Set(['', 'd', below])) {
        expect(await summed(state, listing, at, 'index', { rowsAtOnce: shards * 4 })).toEqual(
          await summed(state, listing, at, 'record'),
        );
      }
    }),
    { numRuns: 40 },
  );
});
