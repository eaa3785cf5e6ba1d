import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { builtCli } from '../../../test/built-cli.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { crew } from '../../threads/crew.ts';
import { compileMap } from './compile-map.ts';
import { type CsvBlock, type CsvEnd, csvBlocks, madeBlocks } from './csv-blocks.ts';
import { type MappedBlock, mapContext } from './map-block.ts';
import { mappedBlocks, mappedIn } from './mapped-blocks.ts';

const map = compileMap(
  {
    data: {
      __exclude__: ['a/no'],
      a: { 'a/([0-9])[0-9]*$': 'a/\\1.tar', 'a/1.*$': 'a/ones.tar', 'a/é.*$': 'EXCLUDE' },
    },
  },
  'data',
);

/** A cache of small blocks, with all that may become of a row. */
async function cacheOf(rows: number, last = ''): Promise<string> {
  const path = join(await scratchFolder(), 'disk_files_data.csv');
  const odd = ['a/no', 'a/é,"x"', 'b/undescribed', 'a/unmapped'];
  let text = 'Name,Size,Mtime\r\n';
  for (let row = 0; row < rows; row += 1) {
    const name = row % 50 === 0 ? odd[(row / 50) % odd.length]! : `a/${row}`;
    text += `${/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name},${row},${1_600_000_000 + row}\r\n`;
  }
  writeFileSync(path, text + last);
  return path;
}

/** All that comes of it, up to the error that ends it. */
async function mapped(path: string, by: 'here' | 'threads' | 'threads and here') {
  const held = new Map([
    ['a/2.tar', 1_600_000_100],
    ['a/3.tar', 2n ** 70n],
  ] as [string, number | bigint][]);
  const context = mapContext({ section: map, held, detail: 'DEBUG' });
  const all: MappedBlock[] = [];
  try {
    const hands = crew(2, { tasksInHand: 2 });
    onTestFinished(() => hands.close());
    const read = csvBlocks(path, 512);
    const blocks =
      by === 'here' ? mappedBlocks(read, context, 0) : mappedIn(hands, read, context, by === 'threads and here');
    for (let next = await blocks.next(); ; next = await blocks.next()) {
      if (next.done) return { all, end: next.value };
      all.push({ ...next.value, text: Buffer.from(next.value.text) });
    }
  } catch (error) {
    return { all, error: (error as Error).message };
  }
}

test('the rows of a cache that was just made are mapped as those of its file', async () => {
  const path = await cacheOf(3000);
  const bytes = readFileSync(path);
  const texts: Uint8Array[] = [];
  for (let at = bytes.indexOf('\n') + 1; at < bytes.length; ) {
    const end = bytes.indexOf('\n', Math.min(at + 700, bytes.length - 1)) + 1;
    texts.push(bytes.subarray(at, end));
    at = end;
  }
  const end = { bytes: bytes.length, crc32: crc32(bytes), ended: true };
  const joined = (blocks: Generator<CsvBlock, CsvEnd>) => {
    const all: Uint8Array[] = [];
    for (let next = blocks.next(); ; next = blocks.next()) {
      if (next.done) return { text: Buffer.concat(all).toString(), end: next.value, count: all.length };
      expect(next.value.columns).toEqual({ name: 0, size: 1, mtime: 2 });
      all.push(Buffer.from(next.value.bytes));
    }
  };
  const made = joined(madeBlocks({ texts, end }, 2048));
  expect(made).toEqual({ ...joined(csvBlocks(path, 2048)), count: made.count });
  expect(made.count).toBeGreaterThan(10);
  expect(joined(madeBlocks({ texts: [], end }))).toEqual({ text: '', end, count: 0 });
});

test('blocks that threads map are the same, in the same order, up to the first that is bad', async () => {
  builtCli();
  for (const last of ['', 'a/5,none,1\r\n', 'a/\xff,1,1\r\n']) {
    const path = await cacheOf(3000, last);
    const here = await mapped(path, 'here');
    expect(here.all.length).toBeGreaterThan(100);
    for (const by of ['threads', 'threads and here'] as const) expect(await mapped(path, by)).toEqual(here);
  }
});
