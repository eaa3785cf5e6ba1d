import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import type { FileOperations } from '../durable/file-operations.ts';
import { realFiles } from '../durable/real-files.ts';
import { copyFile } from './image-file.ts';

async function place() {
  const folder = await scratchFolder();
  const [from, to] = [`${folder}/from`, `${folder}/to`];
  writeFileSync(from, 'what an image holds '.repeat(300_000), { mode: 0o640 });
  return { folder, from, to, whole: readFileSync(from) };
}

test.each<[string, FileOperations]>([
  ['as this file system can', realFiles],
  ['where blocks cannot be shared', { ...realFiles, cloneNew: async () => false }],
  ['where each step is to be seen', { ...realFiles, cloneNew: undefined } as unknown as FileOperations],
])('a copy is a file of its own: %s', async (_, files) => {
  const { from, to, whole } = await place();
  await copyFile(files, from, to, 0o600, undefined);
  expect([readFileSync(to).equals(whole), statSync(to).mode & 0o777]).toEqual([true, 0o600]);
  writeFileSync(to, 'other');
  expect(readFileSync(from).equals(whole)).toBe(true);
  await expect(copyFile(files, from, to, 0o600, undefined)).rejects.toMatchObject({ code: 'unavailable' });
  expect(readFileSync(to, 'utf8')).toBe('other');
});

test('where blocks are shared nothing is written', async () => {
  const { from, to } = await place();
  const shared: string[] = [];
  const files: FileOperations = {
    ...realFiles,
    open: async () => {
      throw new Error('it was to be shared');
    },
    async cloneNew(one, other) {
      shared.push(`${one} ${other}`);
      writeFileSync(other, '');
      return true;
    },
  };
  await copyFile(files, from, to, 0o600, undefined);
  expect(shared).toEqual([`${from} ${to}`]);
});

test('what cannot share its blocks leaves nothing behind', async () => {
  const { folder, from } = await place();
  mkdirSync(`${folder}/other`);
  // Another file system, of which there is one on every Linux.
  await expect(realFiles.cloneNew?.('/proc/self/status', `${folder}/other/status`)).resolves.toBe(false);
  expect(readdirSync(`${folder}/other`)).toEqual([]);
  await expect(realFiles.cloneNew?.(`${folder}/none`, `${folder}/other/x`)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(statSync(from).isFile()).toBe(true);
});
