import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtCli } from '../../../test/built-cli.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { boundedFates } from '../../verbs/survey/bounded-fates.ts';
import { compileMap } from './compile-map.ts';
import { csvBlocks } from './csv-blocks.ts';
import type { MapContext, MappedBlock } from './map-block.ts';
import { mappedBlocks } from './mapped-blocks.ts';

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
async function mapped(path: string, threads: number) {
  const held = new Map([
    ['a/2.tar', 1_600_000_100],
    ['a/3.tar', 2n ** 70n],
  ] as [string, number | bigint][]);
  const context: MapContext = { section: map, fates: boundedFates(map), held, detail: 'DEBUG' };
  const all: MappedBlock[] = [];
  try {
    const blocks = mappedBlocks(csvBlocks(path, 512), context, 0, threads);
    for (let next = await blocks.next(); ; next = await blocks.next()) {
      if (next.done) return { all, end: next.value };
      all.push({ ...next.value, text: Buffer.from(next.value.text) });
    }
  } catch (error) {
    return { all, error: (error as Error).message };
  }
}

test('blocks that threads map are the same, in the same order, up to the first that is bad', async () => {
  builtCli();
  for (const last of ['', 'a/5,none,1\r\n', 'a/\xff,1,1\r\n']) {
    const path = await cacheOf(3000, last);
    const here = await mapped(path, 0);
    expect(here.all.length).toBeGreaterThan(100);
    expect(await mapped(path, 2)).toEqual(here);
  }
});
