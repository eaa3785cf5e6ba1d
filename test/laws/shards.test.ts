import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { realFiles } from '../../src/durable/real-files.ts';
import { openConfiguration } from '../../src/open.ts';
import { type CompleteListing, readListing, writeListing } from '../../src/shards/listing-file.ts';
import { listingColumns } from '../../src/shards/listing-row.ts';
import { type ListingShard, shardLines } from '../../src/shards/stored-listing.ts';
import { projectOf } from '../../src/verbs/project.ts';
import { survey } from '../../src/verbs/survey/survey.ts';
import { type Place, place, stowageJson } from '../stowage.ts';
import { policy } from '../told.ts';
import { anyTree, grow } from '../tree.ts';

const rules = {
  __top__: { '[^/]+$': 'top.tar' },
  d1: { 'd1/([^/]+)$': 'd1/\\1.tar', 'd1/([^/]+)/(.|\\n)+$': 'd1/\\1.tar', 'd1/y[^/]*': 'plain' },
  d2: { 'd2/(.|\\n)+$': 'd2.tar' },
};
const tree = anyTree(['', 'd1', 'd2', 'd2/sub', 'd3'], 16);

/** The newest listing of the place. */
async function listingOf(at: Place): Promise<CompleteListing> {
  const above = join(at.state, 'listing/data');
  return (await readListing(join(above, readdirSync(above).sort().at(-1)!)))!;
}

/** The same rows in this order, so many to a shard. */
async function resharded(listing: CompleteListing, folder: string, order: readonly number[], rowsEach: number) {
  const lines = listing.shards.flatMap((shard) => shardLines(listing, shard).split('\n').slice(0, -1));
  const shuffled = lines.map((line, at) => ({ line, key: order[at % order.length]! + at / lines.length }));
  shuffled.sort((a, b) => a.key - b.key);
  mkdirSync(folder, { recursive: true });
  const shards: ListingShard[] = [];
  for (let from = 0; from < shuffled.length; from += rowsEach) {
    const own = shuffled.slice(from, from + rowsEach);
    const content = Buffer.from(`${listingColumns}\n${own.map(({ line }) => `${line}\n`).join('')}`);
    const name = `${String(shards.length + 1).padStart(6, '0')}.csv`;
    writeFileSync(join(folder, name), content);
    shards.push({ name, rows: own.length, bytes: content.length, crc32: crc32(content) });
  }
  await writeListing(realFiles, { ...listing, folder, shards });
}

/** What follows from a listing, with the lines of all that is to be made. */
async function planned(at: Place, listing: string, partitionLines: number) {
  const done = await survey(projectOf(await openConfiguration(at.config)), 'data', policy, { listing, partitionLines });
  try {
    const { counts, emptyDirectories, findings } = done;
    const archives = await Promise.all(
      done.archives.map(async ({ load, ...facts }) => {
        if (facts.decision !== 'make') return { facts };
        const { lines, ...work } = await load();
        return { facts, lines: [...lines], work };
      }),
    );
    const told = [...findings()].map((one) => JSON.stringify(one)).sort();
    return { counts, archives, empty: [...emptyDirectories].sort(), told };
  } finally {
    await done.close();
  }
}

test.each([
  ['one disk', {}],
  ['two disks', { physical_disks: ['tree', 'b'] }],
])('on %s: rows in any order, in any shards, come to the same plan', async (_, settings) => {
  let archives = 0;
  await fc.assert(
    fc.asyncProperty(
      tree,
      tree,
      fc.array(fc.tuple(fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 20 })), {
        minLength: 3,
        maxLength: 3,
      }),
      async (one, other, splits) => {
        const at = await place(rules, settings);
        const second = join(at.folder, 'b/data');
        mkdirSync(second, { recursive: true });
        grow(at.data, one);
        grow(second, other);
        await stowageJson('scan', at.config, 'data');
        const listing = await listingOf(at);
        const whole = await planned(at, listing.folder, Number.POSITIVE_INFINITY);
        archives += whole.archives.length;
        for (const [index, [order, rowsEach]] of splits.entries()) {
          const folder = join(at.folder, `again${index}`);
          await resharded(listing, folder, order, rowsEach);
          for (const partitionLines of [Number.POSITIVE_INFINITY, 5]) {
            expect(await planned(at, folder, partitionLines)).toEqual(whole);
          }
        }
      },
    ),
    { numRuns: 14 },
  );
  expect(archives).toBeGreaterThan(10);
});
