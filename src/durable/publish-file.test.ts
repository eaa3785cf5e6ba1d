import { existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failingFiles, killedFiles } from '../../test/failing-files.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import type { FileOperations } from './file-operations.ts';
import { publishNew, publishOver } from './publish-file.ts';
import { realFiles } from './real-files.ts';

function linkFails(code: string): FileOperations {
  return {
    ...realFiles,
    link: async () => {
      throw Object.assign(new Error(code), { code });
    },
  };
}

async function finished(): Promise<{ temporary: string; path: string }> {
  const folder = await scratchFolder();
  writeFileSync(`${folder}/t`, 'content');
  return { temporary: `${folder}/t`, path: `${folder}/file` };
}

test.each([
  [realFiles, 'link'],
  ...['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].map((code) => [linkFails(code), 'reserve'] as const),
] as const)('tells the way it took (%#)', async (files, way) => {
  const { temporary, path } = await finished();
  expect(await publishNew(files, temporary, path)).toBe(way);
  expect(readFileSync(path, 'utf8')).toBe('content');
  expect(existsSync(temporary)).toBe(false);
});

test.each(['EXDEV', 'EIO', 'ENOSPC', 'EROFS'])('%s of link is an error, and the name stays free', async (code) => {
  const { temporary, path } = await finished();
  await expect(publishNew(linkFails(code), temporary, path)).rejects.toMatchObject({ cause: { code } });
  expect(existsSync(path)).toBe(false);
});

test('asked again after a kill at any step, it ends in the same way', async () => {
  for (const at of [1, 2, 3]) {
    const { temporary, path } = await finished();
    await expect(publishNew(killedFiles(realFiles, { at }), temporary, path)).rejects.toThrow();
    expect(await publishNew(realFiles, temporary, path)).toBe('link');
    expect(readFileSync(path, 'utf8')).toBe('content');
    expect(existsSync(temporary)).toBe(false);
  }
});

test('the reply of a link that was made is lost (NFS)', async () => {
  const { temporary, path } = await finished();
  const files: FileOperations = {
    ...realFiles,
    link: async (from, to) => {
      linkSync(from, to);
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    },
  };
  expect(await publishNew(files, temporary, path)).toBe('link');
});

test('another file of the same content is still another file', async () => {
  const { temporary, path } = await finished();
  writeFileSync(path, 'content');
  await expect(publishNew(realFiles, temporary, path)).rejects.toMatchObject({ code: 'exists', hint: undefined });
  expect(existsSync(temporary)).toBe(true);
});

test('an empty file in the way is explained', async () => {
  const { temporary, path } = await finished();
  writeFileSync(path, '');
  await expect(publishNew(linkFails('EPERM'), temporary, path)).rejects.toMatchObject({
    code: 'exists',
    hint: expect.stringContaining('empty'),
  });
});

test('a reservation is given back when the rename fails', async () => {
  const { temporary, path } = await finished();
  const files = failingFiles(linkFails('EPERM'), { at: 3, error: 'EIO' });
  await expect(publishNew(files, temporary, path)).rejects.toMatchObject({ cause: { code: 'EIO' } });
  expect(existsSync(path)).toBe(false);
});

test('publishOver replaces in one step', async () => {
  const { temporary, path } = await finished();
  writeFileSync(path, 'old');
  await publishOver(realFiles, temporary, path);
  expect(readFileSync(path, 'utf8')).toBe('content');
  expect(existsSync(temporary)).toBe(false);
});
