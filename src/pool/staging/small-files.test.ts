import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { isStowageError } from '../../errors.ts';
import { type SmallFiles, smallFiles } from './small-files.ts';
import type { Copied } from './small-task.ts';

const names = (count: number) => Array.from({ length: count }, (_, at) => `file-${at}`);
const contentOf = (name: string) => Buffer.from(`content of ${name} `.repeat(name.length));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Small files in a folder of their own, ended with the test. */
async function during(deed: (small: SmallFiles, folder: string) => Promise<void>): Promise<void> {
  const folder = await scratchFolder();
  const small = smallFiles(folder, {});
  try {
    await deed(small, folder);
  } finally {
    await small.close();
  }
}

async function writeAll(small: SmallFiles, paths: readonly string[], digests: Map<string, string>): Promise<void> {
  // The same memory each time: what was taken must be a copy.
  const memory = Buffer.alloc(1024);
  for (const path of paths) {
    const length = contentOf(path).copy(memory);
    const file = { path, content: memory.subarray(0, length), mode: 0o640, mtimeNs: 1_000_000_005_000n };
    await small.write(file, (digest) => digests.set(path, digest));
  }
}

test.each([1, 63, 64, 65, 1000])('%i files are written as they came, with their digests', (count) =>
  during(async (small, folder) => {
    const digests = new Map<string, string>();
    await writeAll(small, names(count), digests);
    expect(small.holds(`file-${count - 1}`)).toBe(true);
    await small.all();
    expect(names(count).filter((name) => small.holds(name))).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(names(count).sort());
    for (const name of names(count)) {
      expect(readFileSync(`${folder}/${name}`)).toEqual(contentOf(name));
      expect(digests.get(name)).toBe(sha256(contentOf(name)));
    }
    const last = statSync(`${folder}/file-${count - 1}`);
    expect([last.mode & 0o7777, last.mtimeMs]).toEqual([0o640, 1_000_000.005]);
  }),
);

test('what a stopped run left under a name is replaced', () =>
  during(async (small, folder) => {
    for (const name of names(100)) writeFileSync(`${folder}/${name}`, 'half');
    await writeAll(small, names(100), new Map());
    await small.all();
    for (const name of names(100)) expect(readFileSync(`${folder}/${name}`)).toEqual(contentOf(name));
  }));

test.each([10, 1000])('one of %i that cannot be written is named, and is the last word', (count) =>
  during(async (small, folder) => {
    mkdirSync(`${folder}/file-7/sub`, { recursive: true });
    const digests = new Map<string, string>();
    const failed = await writeAll(small, names(count), digests)
      .then(() => small.all())
      .catch((error: unknown) => error);
    expect(isStowageError(failed, 'unavailable') && failed.message).toContain("cannot stage 'file-7'");
    expect(digests.has('file-7')).toBe(false);
    await expect(small.all()).rejects.toBe(failed);
    expect(existsSync(`${folder}/file-7/sub`)).toBe(true);
  }),
);

test('files are copied, by a thread and here, and what is not small is left', () =>
  during(async (small, folder) => {
    const root = await scratchFolder();
    for (const name of names(640)) writeFileSync(`${root}/${name}`, contentOf(name), { mode: 0o604 });
    writeFileSync(`${root}/file-100`, Buffer.alloc(256 * 1024));
    writeFileSync(`${root}/file-101`, Buffer.alloc(256 * 1024 - 1));
    const digests = new Map<string, string>();
    for (let at = 0; at < 640; at += 64) {
      const paths = names(640).slice(at, at + 64);
      await small.copy({ peer: 'one', root }, paths, false, (copied: Copied) => {
        for (const [index, path] of paths.entries()) digests.set(path, copied.digests[index]!);
      });
    }
    await small.all();
    expect(digests.get('file-100')).toBe('');
    expect(existsSync(`${folder}/file-100`)).toBe(false);
    for (const name of names(640).filter((one) => one !== 'file-100')) {
      const bytes = readFileSync(`${folder}/${name}`);
      expect(bytes).toEqual(readFileSync(`${root}/${name}`));
      expect(digests.get(name)).toBe(sha256(bytes));
    }
  }));

test('a file that cannot be read names its peer', () =>
  during(async (small) => {
    const root = await scratchFolder();
    await small.copy({ peer: 'one', root }, ['no such'], false, () => undefined);
    await expect(small.all()).rejects.toThrow(/cannot read '.*no such' of peer 'one'/);
  }));
