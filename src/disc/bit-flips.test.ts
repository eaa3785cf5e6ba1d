import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { realFiles } from '../durable/real-files.ts';
import { findProgram } from '../programs/find-program.ts';
import { blockBytes } from './block-source.ts';
import { checkDisc, type DiscCheckOptions } from './check-disc.ts';
import { imageWriter } from './image-writer.ts';
import type { DiscEntry } from './read-tree.ts';
import { shownBy } from './write-session.ts';

const hasXorriso = findProgram('xorriso') !== undefined;
// Names of several kinds, for what xorriso prints of them.
const names = ['a.tar', "it's", 'new\nline', 'back\\slash', 'ü 文', 'empty'];

/** An image of two sessions, with the digests of all files. */
async function twoSessions() {
  const folder = await scratchFolder();
  const image = `${folder}/disc.iso`;
  writeFileSync(image, '');
  const digests = new Map<string, string>();
  for (const day of ['17', '18']) {
    const from = `${folder}/${day}`;
    mkdirSync(from);
    for (const [index, name] of names.entries())
      writeFileSync(`${from}/${name}`, `${day} ${name}`.repeat(index % 5 === 0 ? 500 * (5 - index) : 3));
    const writer = imageWriter(image, { files: realFiles });
    writer.initializeImage({ newDisc: false, mediaLabel: 'X' });
    writer.addImageEntry(from, `2026/11/${day}`);
    for (const [path, digest] of (await writer.writeImage()).digests) digests.set(path, digest);
  }
  return { folder, image, digests, entries: [...(await shownBy(image)).values()] };
}

/** Flips the bit of a copy, and gives what is then said. */
async function flipped(image: string, at: number, bit: number, options: DiscCheckOptions) {
  const copy = `${image}.flipped`;
  copyFileSync(image, copy);
  const bytes = readFileSync(copy);
  bytes[at]! ^= 1 << bit;
  writeFileSync(copy, bytes);
  return checkDisc(copy, { allSessions: true, ...options }).then(
    ({ faults }) => ({ paths: faults.map((fault) => ('path' in fault ? fault.path : '')), count: faults.length }),
    (error) => ({ paths: [String(error.code)], count: 1 }),
  );
}

function ownerOf(entries: readonly DiscEntry[], block: number): string | undefined {
  const holds = (entry: DiscEntry) =>
    entry.extents.some((one) => block >= one.block && block < one.block + Math.ceil(one.bytes / blockBytes));
  return entries.find((entry) => entry.type === 'file' && entry.bytes > 0 && holds(entry))?.path;
}

needing(hasXorriso).test('one flipped bit in any block of an image is told, with the file that it hits', async () => {
  const { image, digests, entries } = await twoSessions();
  const blocks = readFileSync(image).length / blockBytes;
  expect((await checkDisc(image, { allSessions: true, known: digests })).faults).toEqual([]);
  let hits = 0;
  for (let block = 0; block < blocks; block += 1) {
    // Every block of a file, and every fifth of the rest.
    const file = ownerOf(entries, block);
    if (file === undefined && block % 5 > 0) continue;
    const at = block * blockBytes + ((block * 769) % blockBytes);
    const said = await flipped(image, at, block % 8, { known: digests });
    expect(said.count, `a bit of block ${block}`).toBeGreaterThan(0);
    if (file !== undefined) expect(said.paths, `a bit of block ${block}`).toContain(file);
    if (file !== undefined) hits += 1;
  }
  expect(hits).toBeGreaterThanOrEqual(10);
});

needing(hasXorriso).test('the file is found without any digest but those on the disc', async () => {
  const { image, entries } = await twoSessions();
  expect((await checkDisc(image)).faults).toEqual([]);
  for (const entry of entries.filter((one) => one.bytes > 0)) {
    expect((await flipped(image, entry.extents[0]!.block * blockBytes, 3, {})).paths).toContain(entry.path);
  }
});

needing(hasXorriso).test('an image without checksums is not taken as proven', async () => {
  const { folder, image } = await twoSessions();
  const bare = `${folder}/bare.iso`;
  const { execFileSync } = await import('node:child_process');
  execFileSync('xorriso', ['-as', 'mkisofs', '-r', '-o', bare, `${folder}/17`], { stdio: 'ignore' });
  const { faults } = await checkDisc(bare);
  expect(faults.map((fault) => fault.kind === 'structure' && fault.part)).toEqual([
    'descriptors',
    'directories',
    'session',
  ]);
  // One that was cut off.
  const whole = readFileSync(image);
  writeFileSync(bare, whole.subarray(0, Math.floor(whole.length / blockBytes / 4) * blockBytes));
  const cut = await checkDisc(bare).then(
    (verdict) => verdict.faults.length,
    (error) => error.code,
  );
  expect(cut).not.toBe(0);
});
