import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { nameFromBytes } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import type { Member } from '../../model/manifest.ts';
import type { Finding } from '../../plan/finding.ts';
import { rowLine } from '../../shards/listing-row.ts';
import { grouping } from './grouping.ts';
import { partitionPath, partitionWriter, readPartition } from './partition-lines.ts';
import { partitionOfArchive } from './partition-of.ts';
import { blockLines, carriedPaths, workWriter } from './work-blocks.ts';
import { linesIn } from './work-lines.ts';

const name = fc.uint8Array({ minLength: 1, maxLength: 20 }).map(nameFromBytes);
const facts = { disk: '/a', bytes: 3, mtimeNs: 5n, mode: 0o644, uid: 1, gid: 2 };
const entry = name.map((path): Entry => ({ path, type: 'file', ...facts }));
const lineOf = (one: Entry) => rowLine(one, 0).slice(0, -1);

test('what is written to partitions comes back, each archive and each finding once, in the one that its name says', async () => {
  const root = await scratchFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(name, fc.nat(99), entry)),
      fc.array(name),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      async (mapped, unmapped, partitions, writers) => {
        run += 1;
        const folder = join(root, String(run));
        mkdirSync(folder);
        const numbers = Array.from({ length: writers }, (_, index) => index + 7);
        const all = numbers.map((number) => partitionWriter(folder, partitions, number));
        for (const [index, [archive, rule, one]] of mapped.entries())
          all[index % writers]!.mapped(archive, rule, lineOf(one));
        for (const [index, path] of unmapped.entries())
          all[index % writers]!.other(path, 'unmapped', 2, { kind: 'unmapped', path, directory: '', described: true });
        for (const one of all) one.end();
        const found: string[] = [];
        const told: Finding[] = [];
        for (let partition = 0; partition < partitions; partition += 1) {
          const group = grouping(['/a']);
          readPartition(folder, partition, numbers, group);
          const { archives, findings, counts } = group.result();
          for (const [archive, { lines, rules }] of archives) {
            expect(partitionOfArchive(archive, partitions)).toBe(partition);
            found.push(...lines.map((line) => `${archive} ${line}`));
            const wanted = mapped.filter(([one]) => one === archive).map(([, rule]) => rule);
            expect(new Set(rules)).toEqual(new Set(wanted));
          }
          told.push(...findings);
          expect(counts.bytes).toBe(3 * counts.archived + 2 * counts.unmapped);
        }
        expect(found.sort()).toEqual(mapped.map(([archive, , one]) => `${archive} ${lineOf(one)}`).sort());
        expect(told.map((one) => 'path' in one && one.path).sort()).toEqual([...unmapped].sort());
      },
    ),
    { numRuns: 60 },
  );
});

test('a line that is longer than a buffer goes where it belongs', async () => {
  const folder = await scratchFolder();
  const writer = partitionWriter(folder, 4000, 1);
  const long = 'x'.repeat(20_000);
  writer.mapped('a.tar', 0, lineOf({ path: 'before', type: 'file', ...facts }));
  writer.mapped('a.tar', 0, lineOf({ path: long, type: 'file', ...facts }));
  writer.end();
  const group = grouping(['/a']);
  readPartition(folder, partitionOfArchive('a.tar', 4000), [1], group);
  expect(group.result().archives.get('a.tar')?.lines.length).toBe(2);
});

test('lines are read whole, whatever lies on the edge of a piece, and half a line is no line', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'lines');
  const lines = Array.from({ length: 3000 }, (_, index) => `${'é\u{1f600}'.repeat(index)}${index}`);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  expect([...linesIn(path)]).toEqual(lines);
  expect([...linesIn(join(folder, 'none'))]).toEqual([]);
  appendFileSync(path, 'torn');
  expect(() => [...linesIn(path)]).toThrow(expect.objectContaining({ code: 'corrupt' }));
});

test('the members of planned archives come back, also those that are carried', async () => {
  const folder = await scratchFolder();
  const member = name.map(
    (path): Member => ({ path, type: 'file', bytes: 3, mtimeNs: 5n, mode: 0o644, uid: 1, gid: 2 }),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.array(entry), fc.array(member))), async (all) => {
      run += 1;
      const writer = workWriter(join(folder, String(run)));
      const blocks = all.map(([entries, carried]) => writer.add(entries.map(lineOf), carried));
      writer.end();
      for (const [index, block] of blocks.entries()) {
        const [entries, carried] = all[index]!;
        for (const _ of ['once', 'again']) expect([...blockLines(block)]).toEqual(entries.map(lineOf));
        expect(carriedPaths(block)).toEqual(carried.map((one) => one.path));
      }
    }),
    { numRuns: 30 },
  );
});

test('every writer has a file of its own for each partition', () => {
  expect(partitionPath('/w', 3, 7)).not.toBe(partitionPath('/w', 7, 3));
});
