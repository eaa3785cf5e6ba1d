import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { realFiles } from '../../durable/real-files.ts';
import { compareNames, nameFromBytes, nameToBytes } from '../../model/byte-name.ts';
import { openBaseline } from './baseline.ts';
import type { KnownFile } from './known-file.ts';
import { walkCollected } from './walk-collected.ts';
import { compareWalked } from './walk-order.ts';
import { writeBaseline } from './write-baseline.ts';

const file = (bytes: number): KnownFile => ({
  sha256: 'ab'.repeat(32),
  bytes,
  mtimeNs: 1_700_000_000_123_456_789n,
  ctimeNs: -1n,
  inode: 18_446_744_073_709_551_615n,
});

/** Names that lie close to one another, and on both sides of a slash. */
const part = fc
  .array(fc.constantFrom(0x01, 0x2d, 0x2e, 0x30, 0x41, 0x7f, 0xc3, 0xa4, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xef, 0xbf), {
    minLength: 1,
    maxLength: 4,
  })
  .map((bytes) => nameFromBytes(Uint8Array.from(bytes)));
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const paths = fc.uniqueArray(path, { maxLength: 30 });

async function write(where: string, all: readonly string[]) {
  const writer = await writeBaseline(realFiles, where, '2026/11/16');
  for (const [index, one] of all.entries()) await writer.add(one, file(index));
  await writer.publish();
  await writer.discard();
}

test('the order is that of the names, part by part', () => {
  const byParts = (one: string, other: string): number => {
    const [a, b] = [one.split('/'), other.split('/')];
    for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
      const order = compareNames(a[at]!, b[at]!);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  };
  fc.assert(
    fc.property(path, path, (one, other) => {
      expect(Math.sign(compareWalked(one, other))).toBe(Math.sign(byParts(one, other)));
    }),
  );
});

test('it is the order in which a walk finds files', async () => {
  const folder = await scratchFolder();
  for (const name of ['a', 'a-b', 'a.b', 'b', 'ä', 'z']) mkdirSync(`${folder}/${name}`);
  const names = ['a/f', 'a/-', 'a-b/f', 'a.b/f', 'b/f', 'ä/f', 'z/f', 'a0', 'b0', '0'];
  for (const name of names) writeFileSync(`${folder}/${name}`, '');
  writeFileSync(nameToBytes(`${folder}/${nameFromBytes(Uint8Array.of(0xff))}`), '');
  const walk = { excluded: () => undefined, ignoreFile: '.no', linkDepth: 0, dereference: false };
  const found = [...walkCollected(folder, walk)].map((one) => one.path);
  expect(found).toHaveLength(11);
  expect(found).toEqual([...found].sort(compareWalked));
});

test('what was written is known again, read along in any part of its order, and out of order too', async () => {
  const where = `${await scratchFolder()}/b`;
  await fc.assert(
    fc.asyncProperty(paths, paths, fc.boolean(), async (written, asked, sorted) => {
      const all = sorted ? written.toSorted(compareWalked) : written;
      await write(where, all);
      const baseline = openBaseline(where)!;
      expect(baseline.weekOf).toBe('2026/11/16');
      for (const one of [...new Set([...all, ...asked])].sort(compareWalked)) {
        expect(baseline.find(one)).toEqual(all.includes(one) ? file(all.indexOf(one)) : undefined);
      }
      baseline.close();
    }),
    { numRuns: 60 },
  );
});

test('a baseline that is cut anywhere is none', async () => {
  const where = `${await scratchFolder()}/b`;
  await write(where, ['/a', '/b']);
  for (let length = readFileSync(where).length - 1; length >= 0; length -= 1) {
    truncateSync(where, length);
    expect(openBaseline(where)).toBeUndefined();
  }
});

test('behind damage nothing is known', async () => {
  const where = `${await scratchFolder()}/b`;
  await write(where, ['/a', '/b', '/c']);
  writeFileSync(where, readFileSync(where, 'utf8').replace('"/b"', '"/b'));
  const baseline = openBaseline(where)!;
  expect(['/a', '/b', '/c'].map((one) => baseline.find(one)?.bytes)).toEqual([0, undefined, undefined]);
  baseline.close();
});

test('one of version 1 is known', async () => {
  const where = `${await scratchFolder()}/b`;
  const line = { path: '/a', sha256: 'ab'.repeat(32), bytes: 3, mtimeNs: '1', ctimeNs: '2', inode: '3' };
  const head = { format: 'stowage-pool-baseline', version: 1, weekOf: '2026/11/16', files: 1 };
  writeFileSync(where, `${JSON.stringify(head)}\n${JSON.stringify(line)}\n`);
  const baseline = openBaseline(where)!;
  expect(baseline.find('/a')).toMatchObject({ bytes: 3, ctimeNs: 2n });
  baseline.close();
  writeFileSync(where, `${JSON.stringify({ ...head, files: 2 })}\n${JSON.stringify(line)}\n`);
  expect(openBaseline(where)).toBeUndefined();
});
