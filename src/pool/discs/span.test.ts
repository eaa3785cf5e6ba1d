import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DiscPool, discPool } from '../../../test/disc-pool.ts';
import { countingFiles, isKilled, killedFiles } from '../../../test/failing-files.ts';
import { needing } from '../../../test/needing.ts';
import { eventsOf } from '../../../test/pool-run.ts';
import { blockSource } from '../../disc/block-source.ts';
import { checkDisc } from '../../disc/check-disc.ts';
import { lookAtMedium } from '../../disc/look-at-medium.ts';
import { readContent } from '../../disc/read-content.ts';
import { realFiles } from '../../durable/real-files.ts';
import { findProgram } from '../../programs/find-program.ts';
import type { PoolRun } from '../pool-run.ts';
import { stagedDay } from '../stored/staged-day.ts';
import { executeStore } from './execute-store.ts';
import { packed } from './packed.ts';
import { type PoolDisc, poolDisc } from './pool-disc.ts';
import { type SpanOptions, spanDays, spanIndex } from './span-days.ts';

const withXorriso = needing(findProgram('xorriso') !== undefined);
const mediaLabel = 'CEDAR BACKUP 18-NOV-2026';

/** A disc on which there is little room. */
async function smallDisc(run: PoolRun, changes: Partial<PoolDisc> = {}): Promise<PoolDisc> {
  const disc = await poolDisc(run);
  const total = 3 * 1024 * 1024;
  const retrieveCapacity = async () => ({ total, used: 0, available: total });
  return { ...disc, writer: { ...disc.writer, retrieveCapacity }, ...changes };
}

async function span(pool: DiscPool, run: PoolRun, options: SpanOptions = {}, changes: Partial<PoolDisc> = {}) {
  const disc = await smallDisc(run, changes);
  const days = [await stagedDay(run, '2026/11/18', pool.dayFolder(18))];
  return eventsOf(
    spanDays(run, disc, days, { action: 'store', mediaLabel, rebuildMedia: false, marks: true, ...options }),
  );
}

/** Five files, of which two fit on a disc. */
async function largePool(): Promise<DiscPool> {
  const pool = await discPool();
  const names = ['a', 'b', 'c', 'd', 'e'];
  const contents = names.map((name) => [`${name}.tar`, Buffer.alloc(900_000, name)] as const);
  await pool.stage(18, 'one', Object.fromEntries(contents));
  return pool;
}

const images = ['disc-2026-11-18.iso', 'disc-2026-11-18-2.iso', 'disc.iso'];

async function requireAll(pool: DiscPool): Promise<void> {
  const held: string[] = [];
  for (const name of images)
    held.push(...(await pool.shown(`${pool.root}/${name}`)).filter((path) => path !== spanIndex));
  expect(held.sort()).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `2026/11/18/one/${name}.tar`));
  for (const name of images) expect((await checkDisc(`${pool.root}/${name}`)).faults).toEqual([]);
  expect(pool.isStored(18)).toBe(true);
}

withXorriso.test('what does not fit goes to several images, each with an index of all', async () => {
  const pool = await largePool();
  writeFileSync(`${pool.dayFolder(18)}/one/empty`, '');
  await span(pool, pool.on(18));
  const labels = [];
  for (const name of images) labels.push((await lookAtMedium(`${pool.root}/${name}`)).label);
  expect(labels).toEqual([1, 2, 3].map((number) => `${mediaLabel} ${number}-3`));
  for (const [at, name] of images.entries()) {
    const { shown } = await lookAtMedium(`${pool.root}/${name}`);
    const source = await blockSource(`${pool.root}/${name}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of readContent(source, shown.get(spanIndex)!)) chunks.push(chunk);
    await source.close();
    const [head, ...lines] = Buffer.concat(chunks)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(head).toEqual({ format: 1, label: mediaLabel, disc: at + 1, discs: 3 });
    const here = lines.filter(({ disc, path }) => disc === at + 1 && !path.includes('cback.')).map(({ path }) => path);
    expect(here.sort()).toEqual((await pool.shown(`${pool.root}/${name}`)).filter((path) => path !== spanIndex));
    expect(lines.filter(({ path }) => path.endsWith('.tar'))).toHaveLength(5);
    expect(lines.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
  }
  expect(pool.isStored(18)).toBe(true);
  // A peer that comes late goes to a disc of its own, or to the last one: nothing is written twice.
  await pool.stage(18, 'two', { 'late.tar': 'late' });
  await eventsOf(executeStore(pool.on(18)));
  expect(pool.isStored(18)).toBe(true);
  expect((await pool.shown()).filter((path) => path.endsWith('.tar'))).toEqual([
    '2026/11/18/one/e.tar',
    '2026/11/18/two/late.tar',
  ]);
});

withXorriso.test('a file that fits on no disc is told before anything is written', async () => {
  const pool = await discPool();
  await pool.stage(18, 'one', { 'huge.tar': Buffer.alloc(4_000_000) });
  await expect(span(pool, pool.on(18))).rejects.toMatchObject({
    code: 'full',
    message: expect.stringContaining('3.81 MB'),
  });
  expect(readFileSync(pool.image)).toHaveLength(0);
});

withXorriso.test('discs in a drive are asked for; where nobody can be, nothing is written', async () => {
  const pool = await largePool();
  const run = pool.on(18);
  const facts = await (await poolDisc(run)).look();
  const drive = { look: async () => ({ ...facts, isImage: false }) };
  await expect(span(pool, run, {}, drive)).rejects.toMatchObject({ code: 'refused' });
  expect(readFileSync(pool.image)).toHaveLength(0);
  const asked: string[] = [];
  const nextDisc = async (number: number, of: number) => {
    asked.push(`${number} of ${of}`);
    writeFileSync(pool.image, '');
  };
  await span(pool, run, { nextDisc }, { look: async () => ({ ...(await lookAtMedium(pool.image)), isImage: false }) });
  expect(asked).toEqual(['1 of 3', '2 of 3', '3 of 3']);
  expect(pool.isStored(18)).toBe(true);
});

withXorriso.test('killed between any two discs: nothing is marked, and the next run does the rest', async () => {
  const undisturbed = await largePool();
  const counted = countingFiles(realFiles);
  await span(undisturbed, undisturbed.on(18, { files: counted.files }));
  await requireAll(undisturbed);
  // Behind an image, a record and a second name that appear, and before the day is marked.
  const behind = (pattern: RegExp) => counted.log.findLastIndex((line) => pattern.test(line)) + 2;
  const visible = [/^rename .*disc\.iso$/, /^link .*\.iso$/, /^rename .*\/stored\//].map(behind);
  const first = counted.log.findIndex((line) => /^rename .*disc\.iso$/.test(line)) + 2;
  const last = counted.log.findIndex((line) => line.includes('cback.store')) + 1;
  for (const at of [first, ...visible, last]) {
    const pool = await largePool();
    const when = `step ${at}, ${counted.log[at - 1]}`;
    const error = await span(pool, pool.on(18, { files: killedFiles(realFiles, { at }) })).catch((one: unknown) => one);
    expect(isKilled(error), when).toBe(true);
    await span(pool, pool.on(18));
    expect(pool.isStored(18), when).toBe(true);
    const held = new Set<string>();
    for (const name of readdirSync(pool.root).filter((one) => one.endsWith('.iso')))
      for (const path of await pool.shown(`${pool.root}/${name}`)) held.add(path);
    expect(
      [...held].filter((path) => path.endsWith('.tar')),
      when,
    ).toHaveLength(5);
  }
});

test('items are packed whole, in order, and none into more than there is', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10 })), fc.integer({ min: 10, max: 30 }), (sizes, capacity) => {
      const items = sizes.map((size, at) => ({ size, at }));
      const bins = packed(
        items,
        ({ size }) => size,
        capacity,
        () => new Error('too large'),
      );
      for (const bin of bins) {
        expect(bin.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(capacity);
        expect(bin.map(({ at }) => at)).toEqual(bin.map(({ at }) => at).sort((a, b) => a - b));
      }
      expect(bins.flat().sort((a, b) => a.at - b.at)).toEqual(items);
    }),
  );
  expect(() =>
    packed(
      [11],
      (size) => size,
      10,
      () => new Error('too large'),
    ),
  ).toThrow('too large');
});
