import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, lstatSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import type { PackItem } from './pack-item.ts';

import { drained, indexedMembers, memoryItem, packed, packItems, packPlainItem } from './test-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-pack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A file on disk, and its item as a scan made it. */
function diskItem(content: Uint8Array, path = `file-${++count}`): PackItem & { disk: string } {
  const disk = join(folder, `${++count}`);
  writeFileSync(disk, content);
  utimesSync(disk, 1_600_000_000, 1_600_000_000.25);
  const { mtimeNs } = lstatSync(disk, { bigint: true });
  const member = { path, type: 'file' as const, bytes: content.length, mtimeNs, mode: 0o644, uid: 0, gid: 0 };
  return { member, content: { kind: 'disk', path: disk }, disk };
}

test.each([0, 1, 511, 512, 513, 4096, 262_144, 262_145, 1_048_576, 3_500_001])('a file of %i bytes', async (size) => {
  const content = Buffer.alloc(size, 'abcdefg');
  const { archive, members, bytes, sha256 } = await packed([diskItem(content), diskItem(Buffer.from('next'))]);
  expect(archive.length).toBe(bytes);
  expect(archive.length % 512).toBe(0);
  expect(sha(archive)).toBe(sha256);
  expect(members[0]!.sha256).toBe(sha(content));
  expect(archive.subarray(members[0]!.offset, members[0]!.offset! + size).equals(content)).toBe(true);
  expect(await indexedMembers(archive)).toEqual(members.map(({ sha256: _, ...member }) => member));
});

test('any members come out of the index as they went in', async () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
    .map((text) => text.replaceAll(/[\0/.]/g, '_'));
  const file = fc.tuple(name, fc.uint8Array({ maxLength: 1500 }), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(file, { selector: ([path]) => path, maxLength: 12 }), async (files) => {
      const items = files.map(([path, content, disk]) => {
        const bytes = Buffer.from(content);
        return disk ? diskItem(bytes, path) : memoryItem({ path }, bytes);
      });
      const { archive, members } = await packed(items);
      expect(await indexedMembers(archive)).toEqual(members.map(({ sha256: _, ...member }) => member));
      expect(members.map((member) => member.sha256)).toEqual(files.map(([, content]) => sha(content)));
    }),
    { numRuns: 60 },
  );
});

const kibi = Buffer.alloc(1024, 'x');
const big = Buffer.alloc(2_500_000, 'y');
const changes: readonly (readonly [string, (disk: string) => void, 'changed' | 'vanished'])[] = [
  ['grew', (disk) => appendFileSync(disk, 'more'), 'changed'],
  ['shrank', (disk) => truncateSync(disk, 100), 'changed'],
  ['was emptied', (disk) => truncateSync(disk, 0), 'changed'],
  ['was touched', (disk) => utimesSync(disk, 1, 1), 'changed'],
  ['vanished', (disk) => rmSync(disk), 'vanished'],
  ['became a link', (disk) => execFileSync('ln', ['-sf', '/', disk]), 'vanished'],
  ['became a pipe', (disk) => execFileSync('sh', ['-c', 'rm "$0"; mkfifo "$0"', disk]), 'vanished'],
];
const cases = changes.flatMap(([name, change, kind]) =>
  [kibi, big].map((content) => [content.length, name, change, kind, content] as const),
);

test.each(cases)(
  'a file of %i bytes %s before it was read: the first try stops',
  async (_size, _name, change, _kind, content) => {
    const item = diskItem(content);
    change(item.disk);
    await expect(packed([memoryItem({ path: 'a' }), item])).rejects.toMatchObject({
      code: 'changed',
      facts: { path: item.member.path },
    });
    await expect(drained(packPlainItem(item, { settle: false }))).rejects.toMatchObject({ code: 'changed' });
  },
);

test.each(cases)(
  'a file of %i bytes %s before it was read: the second try settles',
  async (_size, _name, change, kind, content) => {
    const item = diskItem(content);
    change(item.disk);
    const items = [memoryItem({ path: 'a' }, kibi), item, memoryItem({ path: 'z' }, kibi)];
    const { archive, members, unsettled } = await packed(items, { settle: true });
    expect(unsettled).toMatchObject([{ path: item.member.path, kind }]);
    expect(members.map((member) => member.torn)).toEqual(
      kind === 'changed' ? [undefined, true, undefined] : [undefined, undefined],
    );
    for (const { offset, bytes, sha256 } of members)
      expect(sha(archive.subarray(offset, offset! + bytes))).toBe(sha256);
    expect(await indexedMembers(archive)).toEqual(members.map(({ sha256: _, torn: __, ...member }) => member));
  },
);

test.each([false, true])('a big file that is cut while it is read (settle: %s)', async (settle) => {
  const item = diskItem(Buffer.alloc(8_000_000, 'y'));
  const stream = packItems([item], { settle, onProgress: () => truncateSync(item.disk, 1_000_000) });
  if (!settle) {
    await expect(drained(stream)).rejects.toMatchObject({ code: 'changed' });
    return;
  }
  const archive = await drained(stream);
  const [member] = stream.result().members;
  expect(member).toMatchObject({ torn: true, bytes: 8_000_000 });
  expect(sha(archive.subarray(member!.offset, member!.offset! + 8_000_000))).toBe(member!.sha256);
});

test.each([false, true])('a big file that grows while it is read (settle: %s)', async (settle) => {
  const item = diskItem(big);
  const stream = packItems([item], { settle, onProgress: () => appendFileSync(item.disk, '!') });
  if (settle) {
    await drained(stream);
    expect(stream.result()).toMatchObject({ members: [{ torn: true }], unsettled: [{ kind: 'changed' }] });
  } else await expect(drained(stream)).rejects.toMatchObject({ code: 'changed' });
});

test('a read error stops both tries', async () => {
  // Offset 0 of a process's memory is never mapped: the one file that everybody has and nobody can read there.
  const { mtimeNs } = lstatSync('/proc/self/mem', { bigint: true });
  const member = { path: 'm', type: 'file' as const, bytes: 10, mtimeNs, mode: 0, uid: 0, gid: 0 };
  const item: PackItem = { member, content: { kind: 'disk', path: '/proc/self/mem' } };
  await expect(packed([item], { settle: true })).rejects.toMatchObject({
    code: 'unavailable',
    facts: { path: 'm', errno: 'EIO' },
  });
  await expect(drained(packPlainItem(item, { settle: true }))).rejects.toMatchObject({
    code: 'unavailable',
    facts: { errno: 'EIO' },
  });
});

test('hard links share the digest, and the fate, of their file', async () => {
  const file = diskItem(kibi, 'a');
  const link = memoryItem({ path: 'b', bytes: 1024, hardLink: 'a' });
  const { members, archive } = await packed([file, link]);
  expect(members[1]).toEqual({ ...link.member, sha256: sha(kibi) });
  expect((await indexedMembers(archive))[1]).toEqual(link.member);
  truncateSync(file.disk, 5);
  const torn = await packed([file, link], { settle: true });
  expect(torn.members[1]).toMatchObject({ torn: true, sha256: torn.members[0]!.sha256 });
  expect(torn.unsettled.map((one) => one.path)).toEqual(['a', 'b']);
  rmSync(file.disk);
  const left = await packed([file, link], { settle: true });
  expect(left.members).toEqual([]);
  expect(left.unsettled.map((one) => [one.path, one.kind])).toEqual([
    ['a', 'vanished'],
    ['b', 'vanished'],
  ]);
  expect(left.archive.equals(Buffer.alloc(1024))).toBe(true);
  await expect(packed([link])).rejects.toMatchObject({ code: 'bug' });
});

test.each([
  ['too short', 11, undefined],
  ['too long', 9, undefined],
  ['other bytes', 10, 'f'.repeat(64)],
])('stored content that is not what it was: %s', async (_name, bytes, sha256) => {
  const item = memoryItem({ path: 'a', bytes }, Buffer.alloc(10));
  const content = { ...item.content, ...(sha256 === undefined ? {} : { sha256 }) } as PackItem['content'];
  await expect(packed([{ ...item, content }])).rejects.toMatchObject({ code: 'corrupt' });
  await expect(packed([{ ...item, content }], { settle: true })).rejects.toMatchObject({ code: 'corrupt' });
});

test('what was torn stays torn', async () => {
  const item = memoryItem({ path: 'a' }, kibi);
  const { members, unsettled } = await packed([
    { ...item, content: { ...item.content, torn: true } as PackItem['content'] },
  ]);
  expect(members).toMatchObject([{ torn: true, sha256: sha(kibi) }]);
  expect(unsettled).toEqual([]);
});

test('a plain archive is the content and nothing else', async () => {
  for (const content of [Buffer.alloc(0), kibi, big]) {
    const item = diskItem(content);
    const stream = packPlainItem(item, { settle: false });
    expect(() => stream.result()).toThrow('before its last chunk');
    expect((await drained(stream)).equals(content)).toBe(true);
    const member = { ...item.member, sha256: sha(content), offset: 0 };
    expect(stream.result()).toEqual({ bytes: content.length, sha256: sha(content), members: [member], unsettled: [] });
  }
});

test('an abort stops it, and a reader who leaves closes the file', async () => {
  const item = diskItem(big);
  const stop = new AbortController();
  const stream = packItems([item], { settle: false, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(drained(stream)).rejects.toMatchObject({ code: 'interrupted' });
  for await (const _ of packItems([item], { settle: false }).chunks) break;
});

test('paths that leave the root are refused', async () => {
  for (const path of ['../a', '/a', 'a/../b', 'a//b', '']) {
    await expect(packed([memoryItem({ path })])).rejects.toMatchObject({ code: 'refused' });
  }
});

test('a link that took the place of a file is not followed, even to a twin of it', async () => {
  const item = diskItem(kibi);
  const twin = diskItem(kibi);
  execFileSync('ln', ['-sf', twin.disk, item.disk]);
  await expect(packed([item])).rejects.toMatchObject({ code: 'changed' });
  expect((await packed([item], { settle: true })).unsettled).toMatchObject([{ kind: 'vanished' }]);
});

test('nothing of what was in the memory gets into an archive', async () => {
  const small = diskItem(Buffer.alloc(700, 'x'));
  const short = diskItem(kibi);
  truncateSync(short.disk, 100);
  const bigOne = diskItem(big);
  const bigShort = diskItem(big);
  truncateSync(bigShort.disk, 100);
  const memory = vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((size) => Buffer.alloc(size, 0xee));
  try {
    const { archive } = await packed([small, short, bigOne, bigShort], { settle: true });
    expect(memory).toHaveBeenCalled();
    expect(archive.includes(0xee)).toBe(false);
  } finally {
    memory.mockRestore();
  }
});

test('many small files fill chunks of a mebibyte', async () => {
  const items = Array.from({ length: 600 }, (_, index) => memoryItem({ path: `d/${index}` }, kibi));
  const disk = Array.from({ length: 600 }, (_, index) => diskItem(Buffer.alloc(4000, String(index)), `e/${index}`));
  const { archive, members } = await packed([...items, ...disk]);
  expect(members.length).toBe(1200);
  expect((await indexedMembers(archive)).length).toBe(1200);
  for (const { offset, bytes, sha256 } of members) expect(sha(archive.subarray(offset, offset! + bytes))).toBe(sha256);
});
