import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scratchHpss } from '../../test/scratch-hpss.ts';
import { chmod, makedirs, mkdir } from './change.ts';
import { listdir } from './list-directory.ts';
import { treeFiles } from './list-tree.ts';
import { isdir, isfile, islink, lstat, stat } from './stat.ts';
import { walk } from './walk.ts';

const names = [
  '-rf',
  'a b',
  "it's",
  'x;y',
  '$HOME',
  '*',
  'Ünï',
  '日本',
  '%41',
  'a\\b',
  'tab\there',
  '#',
  'a:b',
  '.hidden',
  '"q"',
  'a\'b"c',
  '??',
  '~',
  'x -> y',
];

test('names of all kinds are made, listed and looked at', async () => {
  const hpss = await scratchHpss();
  const root = `${hpss.home}/odd`;
  await mkdir(root, hpss.options);
  for (const name of names) await mkdir(`${root}/${name}`, hpss.options);
  expect((await listdir(root, hpss.options)).map(({ name }) => name).sort()).toEqual([...names].sort());
  for (const name of names) expect(await isdir(`${root}/${name}`, hpss.options), name).toBe(true);
});

test('a tree in one session', async () => {
  const hpss = await scratchHpss();
  const root = `${hpss.home}/tree`;
  for (let at = 0; at < 30; at += 1) {
    mkdirSync(hpss.local(`${root}/d${at}/e`), { recursive: true });
    writeFileSync(hpss.local(`${root}/d${at}/e/f.tar`), 'x'.repeat(at));
    utimesSync(hpss.local(`${root}/d${at}/e/f.tar`), at + 1e9, at + 1e9);
  }
  const found = new Map<string, readonly number[]>();
  for await (const { path, bytes, mtime } of treeFiles(root, hpss.options)) found.set(path, [bytes, mtime]);
  expect(found.size).toBe(30);
  expect(found.get(`${root}/d7/e/f.tar`)).toEqual([7, 1e9 + 7]);
  expect(hpss.sessions()).toBe(1);
});

test('links', async () => {
  const hpss = await scratchHpss();
  const at = (path: string) => hpss.local(`${hpss.home}/${path}`);
  mkdirSync(at('d/sub'), { recursive: true });
  writeFileSync(at('d/file'), 'abc');
  symlinkSync('d', at('relative'));
  symlinkSync(`${hpss.home}/relative`, at('absolute'));
  symlinkSync('../d/file', at('d/up'));
  symlinkSync('loop2', at('loop1'));
  symlinkSync('loop1', at('loop2'));
  symlinkSync('nowhere', at('broken'));
  const { options, home } = hpss;
  expect(await isdir(`${home}/absolute`, options)).toBe(true);
  expect(await islink(`${home}/absolute`, options)).toBe(true);
  expect(await isfile(`${home}/d/up`, options)).toBe(true);
  expect((await stat(`${home}/d/up`, options)).stSize).toBe(3);
  expect((await lstat(`${home}/d/up`, options)).readlink).toBe('../d/file');
  expect(await isfile(`${home}/broken`, options)).toBe(false);
  await expect(stat(`${home}/broken`, options)).rejects.toMatchObject({ code: 'missing', hpssCode: -2 });
  await expect(stat(`${home}/loop1`, options)).rejects.toMatchObject({ hpssCode: -40, retry: 'no' });
  await chmod(`${home}/d/file`, 0o664, options);
  expect((await stat(`${home}/d/file`, options)).stMode & 0o777).toBe(0o664);
  await makedirs(`${home}/a/b/c`, { ...options, mode: '2770' });
  await makedirs(`${home}/a/b/c`, options);
  await mkdir(`${home}/a`, options);
  await expect(mkdir(`${home}/d/file`, options)).rejects.toMatchObject({ hpssCode: -17 });
});

test('walk', async () => {
  const hpss = await scratchHpss();
  const at = (path: string) => hpss.local(`${hpss.home}/w/${path}`);
  mkdirSync(at('d/sub'), { recursive: true });
  writeFileSync(at('d/file'), 'abc');
  symlinkSync('..', at('d/sub/up'));
  symlinkSync('d', at('link'));
  const shown = async (options: object) => {
    const all: unknown[] = [];
    for await (const { path, directories, files } of walk(`${hpss.home}/w`, { ...hpss.options, ...options }))
      all.push([path.slice(hpss.home.length), directories.map(({ name }) => name), files.map(({ name }) => name)]);
    return all;
  };
  expect(await shown({})).toEqual([
    ['/w', ['d', 'link'], []],
    ['/w/d', ['sub'], ['file']],
    ['/w/d/sub', ['up'], []],
  ]);
  expect(await shown({ topdown: false })).toHaveLength(3);
  // Up again is not down once more.
  expect(await shown({ followlinks: true })).toEqual([
    ['/w', ['d', 'link'], []],
    ['/w/d', ['sub'], ['file']],
    ['/w/d/sub', ['up'], []],
    ['/w/link', ['sub'], ['file']],
    ['/w/link/sub', ['up'], []],
  ]);
});
