import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countingFiles, failingFiles } from '../../../test/failing-files.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { syncsFileSystem } from '../../durable/sync-file-system.ts';
import { settler } from './settler.ts';

/** Gives so many small files to a settler, as a work folder does: those that are left are closed at once. */
async function filled(files: FileOperations, folder: string, count: number) {
  const settling = settler(folder);
  for (let at = 0; at < count; at += 1) {
    const isLeft = settling.leaves(1);
    const file = await files.open(join(folder, `${at}`), 'wx');
    await file.write(Buffer.from('x'));
    if (isLeft) await file.close();
    else await settling.take(file, 1);
  }
  return settling;
}

const open = (folder: string) =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;

const syncs = (log: readonly string[]) => log.filter((line) => line.startsWith('sync ')).length;

test('a few small files are fsynced, each once, when the end is asked for', async () => {
  const folder = await scratchFolder();
  const { files, log } = countingFiles(realFiles);
  await (await filled(files, folder, 32)).end();
  expect(syncs(log)).toBe(32);
  if (process.platform === 'linux') expect(open(folder)).toBe(0);
});

test('of many none is: the file system has them all in one step', async () => {
  const folder = await scratchFolder();
  const { files, log } = countingFiles(realFiles);
  await (await filled(files, folder, 33)).end();
  expect(syncs(log)).toBe(syncsFileSystem(folder) ? 0 : 33);
  if (process.platform === 'linux') expect(open(folder)).toBe(0);
});

test('one that cannot be made durable fails the end', async () => {
  const folder = await scratchFolder();
  const { files, log } = countingFiles(realFiles);
  await (await filled(files, folder, 3)).end();
  const at = log.findIndex((line) => line.startsWith('sync ')) + 1;
  const again = await scratchFolder();
  const settling = await filled(failingFiles(realFiles, { at, error: 'EIO' }), again, 3);
  await expect(settling.end()).rejects.toMatchObject({ code: 'EIO' });
});

test('nothing stays open where no end is asked for', async () => {
  const folder = await scratchFolder();
  const settling = await filled(realFiles, folder, 5);
  await settling.close();
  if (process.platform === 'linux') expect(open(folder)).toBe(0);
});
