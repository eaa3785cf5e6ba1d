import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { anyTree, grow } from '../../../test/tree.ts';
import { quickLstat } from '../../quick-stat.ts';
import { type Walked, type WalkOrder, walk } from '../../scan/walk.ts';
import { workOf } from '../../scan/work.ts';
import { diskRun } from './disk-run.ts';
import { diskRuns } from './disk-runs.ts';
import { walkForRows } from './row-book.ts';

/** All that a walk of these roots finds, in orders of so many bytes. */
function walked(roots: readonly string[], bytes: number, by: (order: WalkOrder) => Walked): readonly Walked[] {
  const found: Walked[] = [];
  const waiting = roots.map((_, disk) => workOf('suspects', disk, '', ['']));
  for (let work = waiting.pop(); work !== undefined; work = waiting.pop()) {
    const one = by({ roots, work, milliseconds: 1e9, bytes });
    found.push(one);
    waiting.push(...one.rest);
  }
  return found;
}

async function rowsOf(found: readonly Walked[]) {
  const runs = diskRuns('/none');
  for (const { lines, rows } of found) await runs.writer.add(lines, rows);
  return [...runs.directories()].map((one) => ({ ...one, text: Buffer.from(one.text).toString() }));
}

async function expectSame(roots: readonly string[], bytes: number, lstat = quickLstat): Promise<void> {
  const found = walked(roots, bytes, (order) => walkForRows(order, lstat));
  const listed = walked(roots, 1 << 20, (order) => walk(order, lstat));
  const lines = listed.map((one) => Buffer.from(one.lines).toString()).join('');
  expect(await rowsOf(found)).toEqual(diskRun(lines, roots));
  const sums = [found, listed].map((all) => all.reduce((sum, { counts }) => sum + counts.bytes + counts.file * 1e6, 0));
  expect(sums[0]).toBe(sums[1]);
}

test('the rows of a walk are those of the listing that it would have made', async () => {
  const trees = anyTree(['', 'top', 'top/%,"', 'top/plain'], 40);
  await fc.assert(
    fc.asyncProperty(trees, fc.constantFrom(1, 40_000, 1 << 20), async (tree, bytes) => {
      const folder = await mkdtemp(join(tmpdir(), 'stowage-test-'));
      const roots = ['one', 'two'].map((name) => join(folder, name));
      for (const root of roots) mkdirSync(root);
      grow(roots[0]!, tree);
      grow(roots[1]!, tree.slice(0, 5));
      await expectSame(roots, bytes);
      await expectSame(roots, bytes, () => undefined);
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

test('what is odd stands at its place among many plain files, which are as they are', async () => {
  const root = await scratchFolder();
  for (const directory of ['many', 'many/below', 'empty', 'links']) mkdirSync(join(root, directory));
  for (let number = 0; number < 300; number += 1) writeFileSync(join(root, 'many', `f${number}`), 'x'.repeat(number));
  for (const name of ['f1,5', 'ü', '"']) writeFileSync(join(root, 'many', name), '');
  for (const directory of ['many', 'links']) symlinkSync('/nowhere', join(root, directory, 'f20x'));
  truncateSync(join(root, 'many/f7'), 2 ** 41);
  await expectSame([root], 1 << 20);
});

test('times are cut as a float has them, and those before 1970 as well', async () => {
  const root = await scratchFolder();
  const times = [
    '0',
    '0.5',
    '1',
    '1600000000.25',
    '1600000000.998999999',
    '1600000000.999999999',
    '4000000000.999',
    '-1.5',
  ];
  for (const [number, time] of times.entries()) {
    writeFileSync(join(root, `f${number}`), '');
    execFileSync('touch', ['-m', '-d', `@${time}`, join(root, `f${number}`)]);
  }
  await expectSame([root], 1 << 20);
});

test('names that come in another order than theirs are sorted', async () => {
  const root = await scratchFolder();
  const names = ['b', 'a', 'ab', 'a-', 'a!', 'c'];
  for (const name of names) writeFileSync(join(root, name), '');
  const work = workOf('names', 0, '', names);
  const time = (name: string) => Math.trunc(lstatSync(join(root, name)).mtimeMs / 1000);
  const order = { roots: [root], work, milliseconds: 1e9, bytes: 1 << 20 };
  const [directory] = await rowsOf([walkForRows(order)]);
  expect(directory?.text).toBe(
    [...names]
      .sort()
      .map((name) => `${name},0,${time(name)}\r\n`)
      .join(''),
  );
});
