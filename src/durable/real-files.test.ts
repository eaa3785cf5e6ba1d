import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { fsPath } from '../model/byte-name.ts';
import { realFiles } from './real-files.ts';

test('writes one after the other, at the end', async () => {
  const path = `${await scratchFolder()}/a`;
  const file = await realFiles.open(path, 'wx');
  await file.write(Buffer.from('one '));
  await file.write(Buffer.from('two'));
  await file.sync();
  expect((await file.stat()).size).toBe(7n);
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('one two');
});

test('every operation takes names that are not UTF-8', async () => {
  const folder = `${await scratchFolder()}/d\udcff`;
  await realFiles.mkdir(folder);
  await (await realFiles.open(`${folder}/a\udc80`, 'wx')).close();
  await realFiles.link(`${folder}/a\udc80`, `${folder}/b\udc80`);
  await realFiles.rename(`${folder}/b\udc80`, `${folder}/c\udc80`);
  await realFiles.symlink('a\udc80', `${folder}/l\udc80`);
  await realFiles.syncFolder(folder);
  expect((await realFiles.lstat(`${folder}/c\udc80`))?.nlink).toBe(2n);
  expect((await realFiles.lstat(`${folder}/l\udc80`))?.isSymbolicLink()).toBe(true);
  for (const name of ['a', 'c', 'l']) await realFiles.unlink(`${folder}/${name}\udc80`);
  await realFiles.rmdir(folder);
  expect(existsSync(fsPath(folder))).toBe(false);
});

test('absence is undefined, a file in the way is an error', async () => {
  const folder = await scratchFolder();
  expect(await realFiles.lstat(`${folder}/a`)).toBeUndefined();
  await (await realFiles.open(`${folder}/a`, 'wx')).close();
  await expect(realFiles.lstat(`${folder}/a/b`)).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('a folder that cannot be opened is not taken as synced', async () => {
  const folder = await scratchFolder();
  await expect(realFiles.syncFolder(`${folder}/none`)).rejects.toMatchObject({ code: 'ENOENT' });
  await (await realFiles.open(`${folder}/a`, 'wx')).close();
  await expect(realFiles.syncFolder(`${folder}/a`)).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('a folder on a file system without fsync of folders is taken at its word', async () => {
  if (!existsSync('/proc/self')) return;
  await realFiles.syncFolder('/proc/self');
});

test('after a failed fsync the handle is never trusted again', async () => {
  if (!existsSync('/dev/full')) return;
  const file = await realFiles.open('/dev/null', 'w');
  await file.write(Buffer.from('fine'));
  await expect(file.sync()).rejects.toMatchObject({ code: 'EINVAL' });
  await expect(file.write(Buffer.from('would work'))).rejects.toMatchObject({ code: 'EINVAL' });
  await expect(file.sync()).rejects.toMatchObject({ code: 'EINVAL' });
  await file.close();
});

test('after a failed write neither', async () => {
  if (!existsSync('/dev/full')) return;
  const file = await realFiles.open('/dev/full', 'w');
  await expect(file.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(file.sync()).rejects.toMatchObject({ code: 'ENOSPC' });
  await file.close();
});

/** True if both are less than a microsecond apart: a double is no closer, and an older libuv cuts it. */
const isNear = (one: bigint | undefined, other: bigint) =>
  one !== undefined && one - other < 1000n && other - one < 1000n;

test.each([
  ['now, to the nanosecond', 1_700_000_000_123_456_789n],
  ['a whole microsecond that is no double', 1_700_000_000_123_457_000n],
  ['far ahead', 4_000_000_000_700_000_000n],
  ['before 1970 with a fraction', -1_500_000_001n],
  ['long before 1970', -86_400_000_001_000n],
])('times are set to less than a microsecond: %s', async (_, mtimeNs) => {
  const path = `${await scratchFolder()}/a`;
  await (await realFiles.open(path, 'wx')).close();
  await realFiles.setAttributes(path, { mtimeNs });
  expect([(await realFiles.lstat(path))?.mtimeNs, mtimeNs]).toSatisfy(([set, asked]) => isNear(set, asked));
});

test.each([0n, -1n, 1_709_290_800n, -1_709_290_800n, 4_000_000_000n])(
  'whole seconds are set as they are: %d',
  async (seconds) => {
    const path = `${await scratchFolder()}/a`;
    await (await realFiles.open(path, 'wx')).close();
    await realFiles.setAttributes(path, { mtimeNs: seconds * 1_000_000_000n });
    expect((await realFiles.lstat(path))?.mtimeNs).toBe(seconds * 1_000_000_000n);
  },
);

test('any time is set to less than a microsecond', async () => {
  const path = `${await scratchFolder()}/a`;
  await (await realFiles.open(path, 'wx')).close();
  const times = fc.bigInt({ min: -2_000_000_000_000_000_000n, max: 8_000_000_000_000_000_000n });
  await fc.assert(
    fc.asyncProperty(times, async (mtimeNs) => {
      await realFiles.setAttributes(path, { mtimeNs });
      expect([(await realFiles.lstat(path))?.mtimeNs, mtimeNs]).toSatisfy(([set, asked]) => isNear(set, asked));
    }),
    { numRuns: 300 },
  );
});
