import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countingFiles, failingFiles, isKilled, killedFiles } from '../../test/failing-files.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { fsPath, nameFromBytes, nameToBytes } from '../model/byte-name.ts';
import type { FileOperations } from './file-operations.ts';
import { realFiles } from './real-files.ts';
import { isTemporaryName, temporaryName } from './temporary-name.ts';
import { writeWhole } from './whole-file.ts';

const oldContent = 'the old content';
const newContent = 'the new content, which is longer';

function read(path: string): string | undefined {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return readdirSync(folder).includes(path.slice(folder.length + 1)) ? readFileSync(path, 'utf8') : undefined;
}

/** As on a file system without hard links. */
const withoutLinks: FileOperations = {
  ...realFiles,
  link: async () => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
  },
};

const situations = [
  { name: 'over an old file', replace: true, before: oldContent, files: realFiles, allowed: [oldContent, newContent] },
  { name: 'replacing nothing', replace: true, before: undefined, files: realFiles, allowed: [undefined, newContent] },
  { name: 'as a new file', replace: false, before: undefined, files: realFiles, allowed: [undefined, newContent] },
  // An empty reservation is what a kill can leave there: the price of a file system without links.
  {
    name: 'without links',
    replace: false,
    before: undefined,
    files: withoutLinks,
    allowed: [undefined, '', newContent],
  },
] as const;

describe.each(situations)('$name', ({ replace, before, files: inner, allowed }) => {
  async function prepared(): Promise<string> {
    const path = `${await scratchFolder()}/file`;
    if (before !== undefined) writeFileSync(path, before);
    return path;
  }

  async function steps(): Promise<number> {
    const counted = countingFiles(inner);
    const path = await prepared();
    await writeWhole(counted.files, path, newContent, { replace });
    expect(read(path)).toBe(newContent);
    expect(readdirSync(path.slice(0, -5))).toEqual(['file']);
    return counted.steps();
  }

  test('killed at any step, it is the old or the new', async () => {
    const count = await steps();
    expect(count).toBeGreaterThanOrEqual(5);
    for (let at = 1; at <= count; at += 1) {
      for (const torn of [false, true]) {
        const path = await prepared();
        const failed = await writeWhole(killedFiles(inner, { at, torn }), path, newContent, { replace }).catch(
          (e) => e,
        );
        expect(isKilled(failed), `step ${at}`).toBe(true);
        expect(allowed, `step ${at}`).toContain(read(path));
        for (const name of readdirSync(path.slice(0, -5))) {
          expect(name === 'file' || isTemporaryName(name), name).toBe(true);
        }
      }
    }
  });

  test.each(['EIO', 'ENOSPC'])('%s at any step is thrown, and leaves the old or the new', async (error) => {
    const count = await steps();
    for (let at = 1; at <= count; at += 1) {
      for (const failure of [{ at }, { from: at }, { at, torn: true }, { from: at, torn: true }]) {
        const path = await prepared();
        const files = failingFiles(inner, { ...failure, error });
        await expect(writeWhole(files, path, newContent, { replace }), `step ${at}`).rejects.toMatchObject({
          code: error === 'EIO' ? 'unavailable' : 'full',
          cause: { code: error },
        });
        const left = read(path);
        expect(allowed, `step ${at}`).toContain(left);
        if (failure.from === undefined) {
          expect(left, `step ${at}`).not.toBe('');
          expect(readdirSync(path.slice(0, -5)).filter(isTemporaryName), `step ${at}`).toEqual([]);
        }
      }
    }
  });
});

test.each([
  ['with links', realFiles],
  ['without links', withoutLinks],
])('never replaces unasked, %s', async (_, files) => {
  const folder = await scratchFolder();
  writeFileSync(`${folder}/a`, oldContent);
  await expect(writeWhole(files, `${folder}/a`, newContent, { replace: false })).rejects.toMatchObject({
    code: 'exists',
  });
  symlinkSync('nowhere', `${folder}/l`);
  await expect(writeWhole(files, `${folder}/l`, newContent, { replace: false })).rejects.toMatchObject({
    code: 'exists',
  });
  expect(read(`${folder}/a`)).toBe(oldContent);
  expect(readdirSync(folder).sort()).toEqual(['a', 'l']);
});

test('of many writers of a new name one wins, and its content is whole', async () => {
  const path = `${await scratchFolder()}/a`;
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => writeWhole(realFiles, path, `${at}`.repeat(5000), { replace: false })),
  );
  const winners = all.flatMap((one, at) => (one.status === 'fulfilled' ? [at] : []));
  expect(winners).toHaveLength(1);
  expect(read(path)).toBe(`${winners[0]}`.repeat(5000));
});

test('fsyncs the content before the name, and the folder after it', async () => {
  const folder = await scratchFolder();
  const counted = countingFiles(realFiles);
  await writeWhole(counted.files, `${folder}/a`, 'x', { replace: false });
  await writeWhole(counted.files, `${folder}/a`, 'y', { replace: true });
  const verbs = counted.log.map((line) => line.split(' ')[0]).join(' ');
  expect(verbs).toBe('open write sync link syncFolder unlink open write sync rename syncFolder');
});

test('the mode is the one asked for', async () => {
  const folder = await scratchFolder();
  await writeWhole(realFiles, `${folder}/secret`, 'x', { replace: true, mode: 0o600 });
  expect(statSync(`${folder}/secret`).mode & 0o777).toBe(0o600);
});

test('any legal name can be written, and no byte of it changes', async () => {
  const folder = await scratchFolder();
  const byte = fc.integer({ min: 1, max: 255 }).filter((value) => value !== 0x2f);
  const name = fc
    .array(byte, { minLength: 1, maxLength: 255 })
    .filter((b) => !/^\.{1,2}$/.test(String.fromCharCode(...b)));
  const check = fc.asyncProperty(name, async (bytes) => {
    await writeWhole(realFiles, `${folder}/${nameFromBytes(Buffer.from(bytes))}`, Buffer.from(bytes), {
      replace: true,
    });
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes)]);
    expect(readFileSync(path).equals(Buffer.from(bytes))).toBe(true);
  });
  await fc.assert(check, { numRuns: 50 });
  expect(readdirSync(fsPath(folder), 'buffer').some((found) => isTemporaryName(found.toString('latin1')))).toBe(false);
});

test.each(['a', 'é'.repeat(127), 'x'.repeat(255), '\udcff'.repeat(255), '😀'.repeat(63), '.'])(
  'the temporary name of %j fits',
  (name) => {
    const temporary = temporaryName(`/f/${name}`);
    const own = temporary.slice(3);
    expect(temporary.startsWith('/f/.')).toBe(true);
    expect(isTemporaryName(own)).toBe(true);
    expect(nameToBytes(own).length).toBeLessThanOrEqual(255);
    if (!name.includes('\udcff')) expect(nameFromBytes(nameToBytes(own))).toMatch(/^[^\udc80-\udcff]*$/u);
  },
);
