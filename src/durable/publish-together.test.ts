import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countingFiles, failingFiles } from '../../test/failing-files.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import type { FileOperations } from './file-operations.ts';
import { publishTogether, type WaitingFile } from './publish-together.ts';
import { realFiles } from './real-files.ts';

async function waiting(files: FileOperations, folder: string, path: string, replace = false): Promise<WaitingFile> {
  const temporary = join(folder, `${path}.part`);
  const file = await files.open(temporary, 'wx');
  await file.write(Buffer.from(`new ${path}`));
  return { file, temporary, path: join(folder, path), replace };
}

/** Six files in two folders; `e` lies in the way of one, `r` is replaced. */
async function six(files: FileOperations) {
  const folder = await scratchFolder();
  mkdirSync(join(folder, 'd'));
  for (const name of ['d/e', 'd/r']) writeFileSync(join(folder, name), 'old');
  const names = ['a', 'b', 'd/c', 'd/e', 'd/r', 'f'];
  const all: WaitingFile[] = [];
  for (const name of names) all.push(await waiting(files, folder, name, name === 'd/r'));
  return { folder, names, all };
}

test('each is durable before it has its name, each folder is fsynced once after the last name in it, and then the temporary names go', async () => {
  const { files, log } = countingFiles(realFiles);
  const { folder, names, all } = await six(files);
  const begun = log.length;
  const problems = await publishTogether(files, all);
  expect(problems.map((one) => one !== undefined)).toEqual([false, false, false, true, false, false]);
  expect(problems[3]?.error).toMatchObject({ code: 'exists' });
  for (const name of names) {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(name === 'd/e' ? 'old' : `new ${name}`);
  }
  expect(readdirSync(folder, { recursive: true }).length).toBe(names.length + 1);
  const steps = log.slice(begun).map((line) => line.split(' ')[0]);
  const last = (step: string) => steps.lastIndexOf(step);
  expect(last('sync')).toBeLessThan(steps.indexOf('link'));
  expect(Math.max(last('link'), last('rename'))).toBeLessThan(steps.indexOf('syncFolder'));
  expect(last('syncFolder')).toBeLessThan(steps.indexOf('unlink'));
  expect(steps.filter((step) => step === 'syncFolder').length).toBe(2);
});

test('whatever step fails, each file is there whole, or told of and not there; nobody else suffers', async () => {
  const counted = countingFiles(realFiles);
  const { all } = await six(counted.files);
  const begun = counted.steps();
  await publishTogether(counted.files, all);
  for (let at = begun + 1; at <= counted.steps(); at += 1) {
    const files = failingFiles(realFiles, { at, error: 'EIO' });
    const { folder, names, all: some } = await six(files);
    const problems = await publishTogether(files, some);
    const told = names.filter((name, index) => name !== 'd/e' && problems[index] !== undefined);
    // The fsync of a folder is everybody's in it.
    expect(told.length, `step ${at}`).toBeLessThanOrEqual(3);
    for (const [index, name] of names.entries()) {
      const now = readFileSync(join(folder, name), { encoding: 'utf8', flag: 'a+' });
      if (problems[index] === undefined) expect(now, `${name} at step ${at}`).toBe(`new ${name}`);
      else expect(['', 'old', `new ${name}`], `${name} at step ${at}`).toContain(now);
    }
  }
});
