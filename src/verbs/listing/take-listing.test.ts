import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  countingFiles,
  failingFiles,
  isKilled,
  Killed,
  killedFiles,
  steppedFiles,
} from '../../../test/failing-files.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { openSmall, put, quickFiles, type SmallProject, section, smallProject } from '../../../test/small-project.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { lastSavedScan, saveScan } from '../../scan/saved-scan.ts';
import type { CompleteListing } from '../../shards/listing-file.ts';
import { rowLine } from '../../shards/listing-row.ts';
import { listingRows } from '../../shards/listing-rows.ts';
import { crew } from '../../threads/crew.ts';
import { newestListing } from './scan-folder.ts';
import { sectionRoots } from './section-roots.ts';
import { takeListing } from './take-listing.ts';

const gonePid = spawnSync(process.execPath, ['-e', '']).pid!;

/** Some shards' worth of files, in folders and loose. */
async function largeEnough(): Promise<SmallProject> {
  const small = smallProject(await scratchFolder());
  for (let folder = 0; folder < 12; folder += 1)
    for (let n = 0; n < 20; n += 1) put(small, `many/${folder}/${n}-${'x'.repeat(60)}`, '');
  mkdirSync(join(small.tree, 'hollow'));
  return small;
}

async function taken(
  small: SmallProject,
  files: FileOperations = quickFiles,
  more: { jobs?: number; rescan?: boolean } = {},
) {
  const project = await openSmall(small, files);
  const hands = crew(more.jobs ?? 1);
  onTestFinished(() => hands.close());
  const limits = { shardRows: 40, alone: more.jobs === undefined ? 1e9 : 0, milliseconds: 0, bytes: 1 };
  const { listing, release } = await takeListing(project, section, await sectionRoots(project, section), {
    ...more,
    crew: hands,
    limits,
  });
  await release();
  return listing;
}

function rowsOf(listing: CompleteListing): readonly string[] {
  return [...listingRows(listing)].map((row) => rowLine(row, listing.roots.indexOf(row.disk))).sort();
}

const listings = (small: SmallProject) => join(small.state, 'listing', section);
const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

/** After a simulated kill this process still lives; what it held now says that its holder is gone. */
function bury(small: SmallProject): void {
  for (const scan of namesIn(listings(small))) {
    for (const name of namesIn(join(listings(small), scan)).filter((one) => one.startsWith('holder'))) {
      const path = join(listings(small), scan, name);
      writeFileSync(path, `${JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: gonePid })}\n`);
    }
  }
}

/** A project whose scan was killed when three of its shards were saved. */
async function killedAfterThree(
  more: { jobs?: number } = {},
): Promise<{ small: SmallProject; expected: readonly string[]; scan: string }> {
  const small = await largeEnough();
  const expected = rowsOf(await taken(small));
  rmSync(small.state, { recursive: true });
  let isDead = false;
  const refuse = (_: number, line: string) => {
    if (isDead) throw new Killed(line);
    // With threads the next shard may be there before it is said what is left behind this one.
    isDead = line.startsWith('rename') && line.endsWith('left-000003.json');
  };
  const dying = steppedFiles(quickFiles, { before: refuse, look: refuse });
  await expect(taken(small, dying, more)).rejects.toSatisfy(isKilled);
  bury(small);
  return { small, expected, scan: join(listings(small), readdirSync(listings(small))[0]!) };
}

test('killed at any step, and scanned again: the listing is whole, nothing is in it twice, and nothing else is left', async () => {
  const small = await largeEnough();
  const counted = countingFiles(quickFiles);
  const expected = rowsOf(await taken(small, counted.files));
  expect(new Set(expected).size).toBe(expected.length);
  expect(counted.log.filter((line) => line.startsWith('rename') && line.includes('.csv')).length).toBeGreaterThan(4);
  let resumed = 0;
  for (const [index, line] of counted.log.entries()) {
    for (const torn of line.startsWith('write ') ? [false, true] : [false]) {
      rmSync(small.state, { recursive: true, force: true });
      const when = `killed at step ${index + 1}, ${torn ? 'torn' : 'whole'}: ${line}`;
      // A kill where the work is done, while older listings are removed, may leave nothing undone.
      await taken(small, killedFiles(quickFiles, { at: index + 1, torn })).catch((error: unknown) =>
        expect(isKilled(error), when).toBe(true),
      );
      bury(small);
      const complete = await newestListing(await openSmall(small), section);
      if (complete !== undefined) expect(rowsOf(complete), when).toEqual(expected);
      const again = await taken(small);
      expect(rowsOf(again), when).toEqual(expected);
      if (again.resumed) resumed += 1;
      expect(namesIn(listings(small)).length, when).toBe(1);
      expect(readdirSync(again.folder).sort(), when).toEqual([...again.shards.map(({ name }) => name), 'listing.json']);
    }
  }
  expect(resumed).toBeGreaterThan(10);
});

test.each([
  ['without threads', {}],
  ['in threads', { jobs: 2 }],
])(
  'a scan killed %s goes on: what it had finished is not looked at again, and the time is that of its begin',
  async (_, more) => {
    const { small, expected, scan } = await killedAfterThree(more);
    const old = JSON.parse(readFileSync(join(scan, 'left-000003.json'), 'utf8'));
    const before = readFileSync(join(scan, '000001.csv'));
    const again = await taken(small, quickFiles, { jobs: 2 });
    expect({ folder: again.folder, resumed: again.resumed, begunAt: again.begunAt }).toEqual({
      folder: scan,
      resumed: true,
      begunAt: old.begun,
    });
    expect(readFileSync(join(scan, '000001.csv'))).toEqual(before);
    expect(rowsOf(again)).toEqual(expected);
  },
);

test.each([
  ['with --rescan', (_: SmallProject, __: string) => {}, { rescan: true }],
  ['whose shards are all damaged', (_: SmallProject, scan: string) => writeFileSync(join(scan, '000001.csv'), 'x'), {}],
  [
    'of other roots',
    async (_: SmallProject, scan: string) => {
      const saved = (await lastSavedScan(scan))!;
      await saveScan(quickFiles, scan, { ...saved, roots: ['/elsewhere'] });
    },
    {},
  ],
  [
    'that another host may be at',
    (_: SmallProject, scan: string) => {
      const path = join(scan, 'holder.json');
      writeFileSync(path, `${JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), host: 'elsewhere' })}\n`);
    },
    {},
  ],
  [
    'whose process lives',
    (_: SmallProject, scan: string) => {
      const path = join(scan, 'holder.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace(`"pid":${gonePid}`, `"pid":${process.pid}`));
    },
    {},
  ],
])('a killed scan %s does not go on', async (_, change, options) => {
  const { small, expected, scan } = await killedAfterThree();
  await change(small, scan);
  const again = await taken(small, quickFiles, options);
  expect({ resumed: again.resumed, rows: rowsOf(again) }).toEqual({ resumed: false, rows: expected });
  expect(again.folder).not.toBe(scan);
});

test('one older than a day does not go on', async () => {
  const { small, expected, scan } = await killedAfterThree();
  // Each project of the tests stands an hour after the one before.
  for (let hour = 0; hour < 24; hour += 1) await openSmall(small);
  const again = await taken(small);
  expect({ resumed: again.resumed, rows: rowsOf(again) }).toEqual({ resumed: false, rows: expected });
  expect(existsSync(scan)).toBe(false);
});

test('where a later shard is damaged, it goes on from the one before', async () => {
  const { small, expected, scan } = await killedAfterThree();
  const path = join(scan, '000002.csv');
  const bytes = readFileSync(path);
  bytes[100]! ^= 1;
  writeFileSync(path, bytes);
  const again = await taken(small);
  expect({ resumed: again.resumed, rows: rowsOf(again) }).toEqual({ resumed: true, rows: expected });
});

test('a disk that fills up: the listing comes to lie elsewhere, and nothing of it stays behind', async () => {
  const small = smallProject(await scratchFolder());
  const expected = rowsOf(await taken(small));
  rmSync(small.state, { recursive: true });
  const real = await openSmall(small);
  const inState = (path: string) => path.startsWith(small.state);
  const full: FileOperations = {
    ...quickFiles,
    open: (path, flags, mode) =>
      (inState(path) ? failingFiles(quickFiles, { from: 1, error: 'ENOSPC' }) : quickFiles).open(path, flags, mode),
  };
  const hands = crew(1);
  onTestFinished(() => hands.close());
  const roots = await sectionRoots(real, section);
  const { listing, release } = await takeListing(await openSmall(small, full), section, roots, { crew: hands });
  expect(inState(listing.folder)).toBe(false);
  expect(rowsOf(listing)).toEqual(expected);
  await release();
  expect(existsSync(listing.folder)).toBe(false);
});

test('a listing with a damaged shard, or a damaged listing.json, is refused', async () => {
  const small = await largeEnough();
  const listing = await taken(small);
  const copy = join(await scratchFolder(), 'copy');
  cpSync(listing.folder, copy, { recursive: true });
  for (const name of readdirSync(copy)) {
    const good = readFileSync(join(copy, name));
    for (const at of [0, 50, good.length >> 1, good.length - 2]) {
      const bad = Buffer.from(good);
      bad[at]! ^= 4;
      writeFileSync(join(listing.folder, name), bad);
      const read = async () => rowsOf((await newestListing(await openSmall(small), section))!);
      await expect(read(), `${name} ${at}`).rejects.toMatchObject({ code: 'corrupt' });
    }
    writeFileSync(join(listing.folder, name), good);
  }
});
