import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countingFiles, failingFiles, killedFiles } from '../../test/failing-files.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { type AppendFile, appendFile } from './append-file.ts';
import { realFiles } from './real-files.ts';

test('what is appended is there after close', async () => {
  const path = `${await scratchFolder()}/j`;
  const file = await appendFile(realFiles, path);
  file.append('ä');
  file.append('b\n');
  expect(readFileSync(path, 'utf8')).toBe('');
  await file.flush();
  expect(readFileSync(path, 'utf8')).toBe('äb\n');
  file.append('c');
  await file.close();
  await file.close();
  expect(readFileSync(path, 'utf8')).toBe('äb\nc');
  expect(() => file.append('d')).toThrow('closed');
  await expect(file.commit()).rejects.toMatchObject({ code: 'bug' });
});

test('a taken name is never opened', async () => {
  const path = `${await scratchFolder()}/j`;
  writeFileSync(path, 'mine');
  await expect(appendFile(realFiles, path)).rejects.toMatchObject({ code: 'exists' });
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('the folder is fsynced before the first line; a commit of nothing costs nothing', async () => {
  const folder = await scratchFolder();
  const counted = countingFiles(realFiles);
  const file = await appendFile(counted.files, `${folder}/j`);
  await file.commit();
  file.append('a');
  await file.flush();
  await Promise.all([file.commit(), file.commit(), file.commit()]);
  await file.close();
  expect(counted.log.map((line) => line.split(' ')[0])).toEqual(['open', 'syncFolder', 'write', 'sync']);
});

test('killed at any step: all that was committed is there, and nothing but a prefix of what was appended', async () => {
  const texts = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom('flush', 'commit', 'none')), {
    maxLength: 8,
  });
  const check = fc.asyncProperty(texts, fc.integer({ min: 1, max: 20 }), fc.boolean(), async (lines, at, torn) => {
    const path = `${folder}/${randomUUID()}`;
    let appended = '';
    let committed = '';
    let file: AppendFile | undefined;
    try {
      file = await appendFile(killedFiles(realFiles, { at, torn }), path);
      for (const [text, then] of lines) {
        file.append(text);
        appended += text;
        if (then === 'flush') await file.flush();
        if (then === 'commit') {
          await file.commit();
          committed = appended;
        }
      }
      await file.close();
      committed = appended;
    } catch {
      await file?.close().catch(() => undefined);
    }
    const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    expect(Buffer.from(appended).subarray(0, content.length).equals(content)).toBe(true);
    expect(content.length).toBeGreaterThanOrEqual(Buffer.byteLength(committed));
  });
  const folder = await scratchFolder();
  await fc.assert(check, { numRuns: 200 });
});

test.each([
  ['write', 3],
  ['fsync', 4],
])('after a failed %s every call gives the first error', async (_, at) => {
  const path = `${await scratchFolder()}/j`;
  const file = await appendFile(failingFiles(realFiles, { at, error: 'ENOSPC', torn: true }), path);
  file.append('abcdef');
  const first = await file.commit().catch((error) => error);
  expect(first).toMatchObject({ code: 'full', cause: { code: 'ENOSPC' } });
  const before = readFileSync(path, 'utf8');
  expect(() => file.append('x')).toThrow(first);
  await expect(file.flush()).rejects.toBe(first);
  await expect(file.commit()).rejects.toBe(first);
  await expect(file.close()).rejects.toBe(first);
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('a name that could not be made durable is taken back', async () => {
  const path = `${await scratchFolder()}/j`;
  await expect(appendFile(failingFiles(realFiles, { at: 2, error: 'EIO' }), path)).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(existsSync(path)).toBe(false);
});
