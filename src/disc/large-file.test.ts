import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { realFiles } from '../durable/real-files.ts';
import { findProgram } from '../programs/find-program.ts';
import { blockSource } from './block-source.ts';
import { imageWriter } from './image-writer.ts';
import { readRange } from './read-range.ts';
import { shownBy } from './write-session.ts';

const hasAll = ['xorriso', 'dd', 'bsdtar', 'cmp'].every((name) => findProgram(name) !== undefined);
const bytes = 5 * 1024 ** 3 + 12_345;
/** What an extent holds at most, a little less than 4 GiB. */
const first = 0xfffff800;
const border = 'before|behind';
/** Of the file: zeros, but for the border and the end. Computed by Python's hashlib. */
const digest = 'e7bfcfbbbc7353dcf8e0ddc7763dc5d18788729c22c554a37bf688b9989abdfd';

/** In memory, where that can be: there a hole is read without a page for each 4 KiB of it, which took most of the time. */
async function roomyFolder(): Promise<string> {
  if (!existsSync('/dev/shm')) return scratchFolder();
  const folder = mkdtempSync('/dev/shm/stowage-test-');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The real xorriso, whose image comes through a pipe that leaves holes where it is zero: so it takes no room on disk. */
async function sparse(): Promise<string> {
  const folder = await scratchFolder();
  const path = `${folder}/xorriso`;
  const script = [
    '#!/bin/sh',
    'in=$(cat)',
    `case "$in" in *-commit*) ;; *) printf '%s\\n' "$in" | xorriso "$@"; exit ;; esac`,
    `image=$(printf '%s\\n' "$in" | sed -n 's/^-dev "stdio:\\(.*\\)"$/\\1/p')`,
    `{ printf '%s\\n' "$in" | sed '/^-dev /d' | xorriso -outdev - "$@"; echo $? >'${folder}/status'; } |`,
    '  dd of="$image" bs=1M iflag=fullblock conv=sparse,notrunc status=none || exit 1',
    `exit "$(cat '${folder}/status')"`,
  ];
  writeFileSync(path, `${script.join('\n')}\n`, { mode: 0o755 });
  return path;
}

// Half a minute on two quiet cores, most of it xorriso's two MD5 sums; four minutes were seen with twelve others at work.
needing(hasAll).test(
  'a file of 5 GiB is written and read back, and is one file for others too',
  async () => {
    const folder = await roomyFolder();
    mkdirSync(`${folder}/tree`);
    const huge = `${folder}/tree/huge`;
    const file = openSync(huge, 'w');
    writeSync(file, border, first - 'before|'.length);
    writeSync(file, 'end', bytes - 'end'.length);
    closeSync(file);
    truncateSync(huge, bytes);
    const image = `${folder}/disc.iso`;
    writeFileSync(image, '');
    const writer = imageWriter(image, { files: realFiles, media: 'bd-r', xorriso: await sparse() });
    writer.initializeImage({ newDisc: true, mediaLabel: 'X' });
    writer.addImageEntry(`${folder}/tree`);
    const { verdict } = await writer.writeImage({ digests: new Map([['huge', digest]]) });
    expect(verdict).toMatchObject({ files: 1, bytes, faults: [] });
    expect(statSync(image).blocks * 512).toBeLessThan(100 * 1024 ** 2);

    const entry = (await shownBy(image)).get('huge')!;
    expect([entry.bytes, entry.extents.map((one) => one.bytes)]).toEqual([bytes, [first, bytes - first]]);
    const source = await blockSource(image);
    const read = async (start: number, end: number) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of readRange(source, entry, { start, end })) chunks.push(chunk);
      return Buffer.concat(chunks).toString('latin1');
    };
    try {
      expect(await read(first - 'before|'.length, first + 'behind'.length)).toBe(border);
      expect(await read(bytes - 'end'.length, bytes)).toBe('end');
      expect(await read(2 ** 31 - 1, 2 ** 31 + 2)).toBe('\0\0\0');
    } finally {
      await source.close();
    }
    const judged = spawnSync('sh', ['-c', `bsdtar -xOf '${image}' huge | cmp - '${huge}'`], { encoding: 'utf8' });
    expect([judged.status, judged.stdout, judged.stderr]).toEqual([0, '', '']);
  },
  900_000,
);
