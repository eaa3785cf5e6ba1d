import { createHash } from 'node:crypto';
import { appendFileSync, linkSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { fsPath } from '../model/byte-name.ts';
import { crew } from '../threads/crew.ts';
import type { PackItem } from './pack-item.ts';
import { packThreads } from './pack-threads.ts';
import { batchItems, smallBatch } from './small-batch.ts';
import { packTar } from './tar-writer.ts';
import { drained, memoryItem, packed } from './test-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-threads-'));
const hands = crew(2);
const threads = packThreads(hands);
afterAll(async () => {
  await hands.close();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;

function diskItem(content: Uint8Array, path: string): PackItem & { disk: string } {
  const disk = join(folder, `${++count}-\udcff`);
  writeFileSync(fsPath(disk), content);
  const { mtimeNs } = lstatSync(fsPath(disk), { bigint: true });
  const member = { path, type: 'file' as const, bytes: content.length, mtimeNs, mode: 0o640, uid: 12, gid: 34 };
  return { member, content: { kind: 'disk', path: disk }, disk };
}

function smallItems(length: number, bytes = 300): (PackItem & { disk: string })[] {
  return Array.from({ length }, (_, index) =>
    diskItem(Buffer.alloc(bytes, `${index}`), `d/${String(index).padStart(5, '0')}`),
  );
}

/** An archive by its digest: comparing megabytes one by one takes the longest. */
const summed = async (...args: Parameters<typeof packed>) => {
  const { archive, ...rest } = await packed(...args);
  expect(createHash('sha256').update(archive).digest('hex')).toBe(rest.sha256);
  return rest;
};

const both = async (items: readonly PackItem[]) => ({
  alone: await summed(items),
  threaded: await summed(items, { settle: false, threads }),
});

const name = fc.stringMatching(/^[a-zA-Zäß日\udc80\udcff -]{1,40}$/);
const item = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('small' as const), bytes: fc.nat(3000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('big', 'edge', 'late', 'stored', 'link', 'directory', 'hard') }),
  },
);

test('an archive that threads pack is the same, byte for byte', async () => {
  const trees = fc.array(fc.tuple(item, fc.integer({ min: 1, max: 90 }), name), { minLength: 1, maxLength: 12 });
  const times = fc.constantFrom(0n, -1n, 1_700_000_000_123_456_789n, 2n ** 62n, 2n ** 64n);
  await fc.assert(
    fc.asyncProperty(trees, times, async (runs, mtimeNs) => {
      const items: PackItem[] = [];
      let first: string | undefined;
      for (const [index, [{ kind, ...rest }, times, text]] of runs.entries()) {
        for (let turn = 0; turn < (kind === 'small' ? times : 1); turn += 1) {
          const path = `${index}/${turn}${text}`;
          const bytes = 'bytes' in rest ? rest.bytes : kind === 'big' ? 300_000 : kind === 'edge' ? 262_144 : 10;
          if (kind === 'link') items.push(memoryItem({ path, type: 'link', target: text, mtimeNs }));
          else if (kind === 'directory') items.push(memoryItem({ path, type: 'directory', mtimeNs }));
          else if (kind === 'stored') items.push(memoryItem({ path, mtimeNs }, Buffer.alloc(700, text)));
          else if (kind !== 'hard') items.push(diskItem(Buffer.alloc(bytes, text), path));
          else if (first !== undefined) items.push(memoryItem({ path, bytes: 9, hardLink: first }));
          if (kind === 'small') first = path;
        }
      }
      const { alone, threaded } = await both(items);
      expect(threaded).toEqual(alone);
    }),
    { numRuns: 40 },
  );
});

test('many batches, a run of hard links, and what lies between them', async () => {
  const items: PackItem[] = smallItems(2500);
  items.splice(700, 0, diskItem(Buffer.alloc(1_500_000, 'b'), 'd/00699x'));
  for (let index = 0; index < 300; index += 1)
    items.push(memoryItem({ path: `e/${index}`, bytes: 300, hardLink: `d/${String(index).padStart(5, '0')}` }));
  const { alone, threaded } = await both(items);
  expect(threaded).toEqual(alone);
});

test('what goes into a thread comes out of it', () => {
  const items = [
    diskItem(Buffer.from('x'), 'a\udc80'),
    memoryItem({ path: 'b', type: 'link', target: '\udcffto' }),
    memoryItem({ path: 'c', type: 'directory', mode: 0o7777, uid: 2 ** 32 - 2 }),
    memoryItem({ path: 'd', hardLink: 'a\udc80', bytes: 2 ** 40 }),
    memoryItem({ path: 'e', type: 'link', target: 't', mtimeNs: -5n }),
  ].map(({ member, content }) => ({ member, content }));
  expect([...batchItems(smallBatch(items))]).toEqual(items);
  expect([...batchItems(smallBatch([]))]).toEqual([]);
});

test.each([
  ['changed', (disk: string) => appendFileSync(fsPath(disk), 'more'), { code: 'changed' }],
  ['gone', (disk: string) => rmSync(fsPath(disk)), { code: 'changed' }],
  [
    'a link',
    (disk: string) => {
      rmSync(fsPath(disk));
      symlinkSync('/etc/passwd', fsPath(disk));
    },
    { code: 'changed' },
  ],
])('a file that is %s in a batch stops the first try, and the second settles', async (_, change, expected) => {
  const items = smallItems(1500);
  change(items[1300]!.disk);
  const { path } = items[1300]!.member;
  await expect(packed(items, { settle: false, threads })).rejects.toMatchObject({ ...expected, facts: { path } });
  const settled = await summed(items, { settle: true, threads });
  expect(settled).toEqual(await summed(items, { settle: true }));
  expect(settled.unsettled.map((one) => one.path)).toEqual([path]);
});

test('of several that changed, the first by order is told', async () => {
  const items = smallItems(4000);
  for (const index of [3999, 3100, 1200]) appendFileSync(fsPath(items[index]!.disk), 'more');
  await expect(packed(items, { settle: false, threads })).rejects.toMatchObject({ facts: { path: 'd/01200' } });
});

test('a file that cannot be read is told with its path', async () => {
  // Offset 0 of a process's memory is never mapped: the one file that everybody has and nobody can read there.
  const items: PackItem[] = smallItems(200);
  const member = { ...items[77]!.member, bytes: 10, mtimeNs: lstatSync('/proc/self/mem', { bigint: true }).mtimeNs };
  items[77] = { member, content: { kind: 'disk', path: '/proc/self/mem' } };
  const failed = packed(items, { settle: false, threads });
  await expect(failed).rejects.toMatchObject({ code: 'unavailable', facts: { path: 'd/00077', errno: 'EIO' } });
});

test('an abort stops it, a reader may leave, and the threads go on with the next archive', async () => {
  const items = smallItems(3000);
  const stop = new AbortController();
  const stream = packTar(items, { settle: false, threads, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(drained(stream)).rejects.toMatchObject({ code: 'interrupted' });
  for await (const _ of packTar(items, { settle: false, threads }).chunks) break;
  const { alone, threaded } = await both(items.slice(0, 400));
  expect(threaded).toEqual(alone);
});

test('a path that leaves the root is refused before any thread sees it', async () => {
  const items = [...smallItems(100), memoryItem({ path: '../x' })];
  await expect(packed(items, { settle: false, threads })).rejects.toMatchObject({ code: 'refused' });
});

test('a thread that ends takes no archive with it unheard', async () => {
  const lost = crew(1);
  const items = smallItems(3000);
  const work = packed(items, { settle: false, threads: packThreads(lost) });
  work.catch(() => undefined);
  await lost.close();
  await expect(work).rejects.toMatchObject({ code: 'interrupted' });
});

test('memory that travels holds nothing of the archive before', async () => {
  const dirty = smallItems(1200, 1500);
  await packed(dirty, { settle: false, threads });
  const clean = Array.from({ length: 1200 }, (_, index) => diskItem(Buffer.alloc(513), `z/${index}`));
  const { archive } = await packed(clean, { settle: false, threads });
  expect(archive.equals((await packed(clean)).archive)).toBe(true);
});

test('a link keeps its place beside the file of the same inode', async () => {
  const [file] = smallItems(1);
  const twin = join(folder, 'twin');
  linkSync(fsPath(file!.disk), twin);
  const items = [...smallItems(100), file!, memoryItem({ path: 'zz', bytes: 300, hardLink: file!.member.path })];
  const unique = items.map((one, index) => ({
    ...one,
    member: { ...one.member, path: index < 100 ? `a${index}` : one.member.path },
  }));
  const { alone, threaded } = await both(unique);
  expect(threaded).toEqual(alone);
  expect(threaded.members.at(-1)!.sha256).toBe(threaded.members.at(-2)!.sha256);
});
