import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { diskRoots } from './disk-roots.ts';

/** Folders end in '/', links have `-> target`. */
async function disks(...things: readonly string[]): Promise<string> {
  const folder = await scratchFolder();
  for (const thing of things) {
    const [name, target] = thing.split(' -> ') as [string, string | undefined];
    const path = join(folder, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (target !== undefined) symlinkSync(target.replace('@', folder), path);
    else if (!name.endsWith('/')) writeFileSync(path, 'x');
  }
  return folder;
}

async function rootsOf(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const found = await diskRoots(
    names.map((name) => ({ disk: join(folder, name), sectionRoot: join(folder, name, 'data') })),
  );
  return found.map((one) => one.slice(folder.length + 1));
}

test.each([
  ['each disk has its part', ['a/data/', 'b/data/'], ['a', 'b'], ['a/data', 'b/data']],
  ['one disk has none', ['a/data/', 'b/'], ['a', 'b'], ['a/data']],
  ['a link to another disk', ['a/data -> ../b/data', 'b/data/'], ['a', 'b'], ['b/data']],
  ['an absolute link to another disk', ['a/data -> @/b/data', 'b/data/'], ['a', 'b'], ['b/data']],
  ['the real one comes first', ['a/data -> ../b/data', 'b/data/'], ['b', 'a'], ['b/data']],
  ['a link to a place that is no disk', ['a/data -> ../else/data', 'else/data/'], ['a'], ['a/data']],
  ['two links to one place that is no disk', ['a/data -> ../e', 'b/data -> ../e', 'e/'], ['a', 'b'], ['a/data']],
  [
    'a link to a link to a disk',
    ['a/data -> ../b/data', 'b/data -> ../c/data', 'c/data/'],
    ['a', 'b', 'c'],
    ['c/data'],
  ],
  ['the disk itself is a link', ['a -> b', 'b/data/'], ['a'], ['a/data']],
  ['one place by two names', ['a -> b', 'b/data/'], ['a', 'b'], ['a/data']],
] as const)('%s', async (_, things, names, expected) => {
  const folder = await disks(...things);
  expect(await rootsOf(folder, names)).toEqual(expected);
});

describe('what cannot be looked at is an error that names it, not an empty section', () => {
  test.each([
    ['no disk has the section', ['a/', 'b/'], ['a', 'b'], ['a/data', 'b/data']],
    ['a disk that is not there', ['a/data/'], ['a', 'b'], ["b'"]],
    ['a disk that is a file', ['a/data/', 'b'], ['a', 'b'], ["b'"]],
    ['a link that leads nowhere', ['a/data -> gone'], ['a'], ['a/data']],
    ['a disk that links to itself', ['a/data -> data'], ['a'], ['a/data']],
    ['two that link to each other', ['a/data -> ../b/data', 'b/data -> ../a/data'], ['a', 'b'], ['a/data', 'b/data']],
    [
      'three in a circle beside a good one',
      ['a/data -> ../b/data', 'b/data -> ../c/data', 'c/data -> ../a/data', 'd/data/'],
      ['a', 'b', 'c', 'd'],
      ['a/data', 'b/data', 'c/data'],
    ],
  ] as const)('%s', async (_, things, names, told) => {
    const folder = await disks(...things);
    const error = await rootsOf(folder, names).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable' });
    for (const name of told) expect(String(error)).toContain(name);
    if (told.length > 1) expect(String(error)).not.toContain('d/data');
  });
});
