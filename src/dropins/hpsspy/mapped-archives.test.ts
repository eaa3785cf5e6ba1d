import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import type { MappedBlock } from './map-block.ts';
import { mappedArchives } from './mapped-archives.ts';

function block(archive: string, text: string): MappedBlock {
  const bytes = Buffer.from(text);
  const files = { archive, files: 1, size: 1, newer: false, first: 'd/a', places: new Map([['d', 1]]) };
  const none = { rows: 1, messages: [], used: [], unmapped: 0, several: 0, leftOut: 0 };
  return {
    ...none,
    text: bytes,
    directories: new Map([['d', 1]]),
    archives: [{ ...files, start: 0, end: bytes.length }],
  };
}

test.each([
  ['what fits into memory', 64, 0],
  ['what does not', 24, 1],
])('%s comes back as it was, archive by archive', async (_, most, files) => {
  const folder = await scratchFolder();
  let asked = 0;
  const archives = mappedArchives(() => {
    asked += 1;
    return join(folder, 'work');
  }, most << 20);
  // 40 MiB in all, in turns.
  const piece = (name: string, turn: number) => `${name}${turn}:`.padEnd(1 << 20, name);
  for (let turn = 0; turn < 20; turn += 1) for (const name of ['x', 'y']) archives.add(block(name, piece(name, turn)));
  expect(asked).toBe(files);
  for (const archive of archives.all()) {
    const pieces = [...archives.text(archive)].map((bytes) => Buffer.from(bytes).toString());
    expect(pieces).toEqual(Array.from({ length: 20 }, (_, turn) => piece(archive.name, turn)));
    expect(archive).toMatchObject({ files: 20, size: 20n });
  }
  archives.close();
  expect([...archives.directories]).toEqual([['d', 40]]);
});
