import { readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countingFiles, failingFiles, killedFiles } from '../../test/failing-files.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { fsPath } from '../model/byte-name.ts';
import { makeFolder } from './folder.ts';
import { realFiles } from './real-files.ts';

test('every new level is made durable in the one above', async () => {
  const root = await scratchFolder();
  const counted = countingFiles(realFiles);
  await makeFolder(counted.files, `${root}/a/b\udcff/c`);
  expect(statSync(fsPath(`${root}/a/b\udcff/c`)).isDirectory()).toBe(true);
  const synced = counted.log.filter((line) => line.startsWith('syncFolder'));
  expect(synced).toEqual([`syncFolder ${root}`, `syncFolder ${root}/a`, `syncFolder ${root}/a/b\udcff`]);
});

test('existing folders, and links to folders, are fine', async () => {
  const root = await scratchFolder();
  await makeFolder(realFiles, `${root}/a`);
  symlinkSync('a', `${root}/l`);
  const counted = countingFiles(realFiles);
  for (const path of ['/', '.', root, `${root}/a`, `${root}/a/`, `${root}/l`]) await makeFolder(counted.files, path);
  expect(counted.log).toEqual([]);
  await makeFolder(realFiles, `${root}/l/b`);
  expect(readdirSync(`${root}/a`)).toEqual(['b']);
});

test.each([
  ['f', 'f'],
  ['f/a', 'f'],
  ['f/a/b/c', 'f'],
  ['broken', 'broken'],
  ['broken/a', 'broken'],
])('%s: what is in the way is named', async (wanted, culprit) => {
  const root = await scratchFolder();
  writeFileSync(`${root}/f`, '');
  symlinkSync('nowhere', `${root}/broken`);
  await expect(makeFolder(realFiles, `${root}/${wanted}`)).rejects.toMatchObject({
    code: 'exists',
    message: expect.stringContaining(`'${root}/${culprit}'`),
  });
});

test('many at once make the same folders', async () => {
  const root = await scratchFolder();
  await Promise.all(Array.from({ length: 30 }, (_, at) => makeFolder(realFiles, `${root}/a/b/c/${at % 3}`)));
  expect(readdirSync(`${root}/a/b/c`).sort()).toEqual(['0', '1', '2']);
});

test('killed or failed at any step, the next call ends the work', async () => {
  for (let at = 1; at <= 5; at += 1) {
    for (const files of [killedFiles(realFiles, { at }), failingFiles(realFiles, { at, error: 'ENOSPC' })]) {
      const path = `${await scratchFolder()}/a/b`;
      await expect(makeFolder(files, path), `step ${at}`).rejects.toThrow();
      await makeFolder(realFiles, path);
      expect(statSync(path).isDirectory()).toBe(true);
    }
  }
});
