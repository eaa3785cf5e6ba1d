import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { lookAtTree } from '../../test/tree.ts';
import { realFiles } from '../durable/real-files.ts';
import { findProgram } from '../programs/find-program.ts';
import { checkDisc } from './check-disc.ts';
import { imageWriter } from './image-writer.ts';

const has = (...names: readonly string[]) => needing(names.every((name) => findProgram(name) !== undefined));

/** What any reader brings back: names, kinds and contents; whether modes and times come along is up to it. */
function contents(folder: string) {
  return [...lookAtTree(folder)]
    .map(([path, one]) => {
      const { mode: _, mtimeNs: __, shared: ___, ...rest } = one;
      return { path, ...rest };
    })
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** A tree of names and kinds that every system has, in two sessions; and the whole of it on disk. */
async function image() {
  const folder = await scratchFolder();
  const path = `${folder}/disc.iso`;
  writeFileSync(path, '');
  mkdirSync(`${folder}/tree/one/deep/deeper`, { recursive: true });
  mkdirSync(`${folder}/tree/two/empty directory`, { recursive: true });
  const names = [
    'plain',
    'with blank',
    "it's",
    'ünï 文',
    '-rf',
    'deep/a.tar',
    'deep/deeper/.hidden',
    'n'.repeat(60),
    '%41;$x*',
  ];
  for (const [at, name] of names.entries()) writeFileSync(`${folder}/tree/one/${name}`, `${name} `.repeat(at * 700));
  writeFileSync(`${folder}/tree/two/later`, 'later');
  symlinkSync('later', `${folder}/tree/two/link`);
  for (const name of ['one', 'two']) {
    const writer = imageWriter(path, { files: realFiles });
    writer.initializeImage({ newDisc: false, mediaLabel: 'X' });
    writer.addImageEntry(`${folder}/tree/${name}`, name);
    await writer.writeImage();
  }
  return { folder, path };
}

has('xorriso').test.each([
  ['xorriso', ['-osirrox', 'on', '-indev', 'IMAGE', '-extract', '/', 'OUT']],
  ['bsdtar', ['-xpf', 'IMAGE', '-C', 'OUT']],
  ['7z', ['x', '-oOUT', 'IMAGE']],
])('%s brings back all that two sessions hold', async (program, args) => {
  const { folder, path } = await image();
  mkdirSync(`${folder}/out`);
  const said = args.map((arg) => arg.replace('IMAGE', path).replace('OUT', `${folder}/out`));
  const { status, stderr } = spawnSync(program, said, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(contents(`${folder}/out`)).toEqual(contents(`${folder}/tree`));
});

has('xorriso').test('what a signal stops is interrupted, whatever its reason, and the image is as it was', async () => {
  const { folder, path } = await image();
  const before = readFileSync(path);
  for (const moment of ['before', 'open', 'write', 'sync']) {
    const stop = new AbortController();
    const at = (name: string) => {
      if (name === moment) stop.abort('any reason');
    };
    const open = async (...args: Parameters<typeof realFiles.open>) => {
      const file = await realFiles.open(...args);
      at('open');
      const write = (data: Uint8Array) => {
        at('write');
        return file.write(data);
      };
      const sync = () => {
        at('sync');
        return file.sync();
      };
      return { ...file, write, sync };
    };
    at('before');
    const writer = imageWriter(path, { files: { ...realFiles, open } });
    writer.initializeImage({ newDisc: false });
    writer.addImageEntry(`${folder}/tree/two`, 'three');
    const { signal } = stop;
    await expect(writer.writeImage({ signal }), moment).rejects.toMatchObject({ code: 'interrupted' });
    expect(readFileSync(path).equals(before), moment).toBe(true);
    expect(readdirSync(folder).sort(), moment).toEqual(['disc.iso', 'tree']);
    await expect(writer.getEstimatedImageSize(signal), moment).rejects.toMatchObject({ code: 'interrupted' });
    await expect(checkDisc(path, { signal }), moment).rejects.toMatchObject({ code: 'interrupted' });
  }
});
