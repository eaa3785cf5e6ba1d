import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileOperations } from '../../src/durable/file-operations.ts';
import { realFiles } from '../../src/durable/real-files.ts';
import { partialPath } from '../../src/verbs/restore/partial-name.ts';
import { restore } from '../../src/verbs/restore/restore.ts';
import { filesBelow } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, put, type SmallProject, section, smallProject } from '../small-project.ts';
import { archived, told } from '../told.ts';

/** More than are fsynced one by one. */
const names = Array.from({ length: 90 }, (_, at) => `raw/5/m${String(at).padStart(2, '0')}`);
const archive = 'data/raw_5.tar';

test('many small files come back together: also over what a killed run left, and into the place of what is replaced', async () => {
  const { small, to } = await manyArchived();
  await restored(small, to, [names[0]!]);
  writeFileSync(join(to, names[50]!), 'something else');
  for (const name of [names[60]!, names[50]!]) writeFileSync(partialPath(join(to, name)), 'half of somethi');
  expect((await restored(small, to, ['raw/5'])).status).toBe(1);
  expect(readFileSync(join(to, names[50]!), 'utf8')).toBe('something else');
  expect((await restored(small, to, ['raw/5'], { overwrite: true })).status).toBe(0);
  expect(filesBelow(join(to, 'raw/5'))).toEqual(filesBelow(join(small.tree, 'raw/5')));
  expect(readdirSync(join(to, 'raw/5')).length).toBe(names.length);
  const { mode, mtimeMs } = statSync(join(to, names[80]!));
  expect({ mode, mtimeMs }).toEqual({
    mode: statSync(join(small.tree, names[80]!)).mode,
    mtimeMs: statSync(join(small.tree, names[80]!)).mtimeMs,
  });
});

test('one that is damaged in the store is named, and nothing of it appears; the others do', async () => {
  const { small, to } = await manyArchived();
  const path = join(small.vault, archive);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('content of m70');
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
  const { events, status } = await restored(small, to, ['raw/5']);
  expect(status).toBe(1);
  const failed = events.flatMap((event) =>
    event.kind === 'restored' && event.restored.outcome === 'failed' ? [event.restored.path] : [],
  );
  expect(failed).toEqual(['raw/5/m70']);
  expect(readdirSync(join(to, 'raw/5')).sort()).toEqual(
    names.map((name) => name.slice('raw/5/'.length)).filter((name) => name !== 'm70'),
  );
});

test.each([1, 20, 58])('a disk that is full at the %sth of them is an error, and the next run goes on', async (nth) => {
  const { small, to } = await manyArchived();
  let made = 0;
  const full: FileOperations = {
    ...realFiles,
    createSmall(path, data, attributes) {
      made += 1;
      if (made < nth) return realFiles.createSmall?.(path, data, attributes);
      writeFileSync(path, data.subarray(0, 3));
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  };
  expect((await restored(small, to, ['raw/5'], {}, full)).status).toBe(4);
  expect(made).toBe(nth);
  const there = existsSync(join(to, 'raw/5')) ? filesBelow(join(to, 'raw/5')) : {};
  expect(filesBelow(join(small.tree, 'raw/5'))).toMatchObject(there);
  expect((await restored(small, to, ['raw/5'])).status).toBe(0);
  expect(filesBelow(join(to, 'raw/5'))).toEqual(filesBelow(join(small.tree, 'raw/5')));
});

async function manyArchived() {
  const small = smallProject(await scratchFolder());
  for (const name of names) put(small, name, `content of ${name.slice('raw/5/'.length)}, more or less`);
  expect((await archived(await openSmall(small))).status).toBe(0);
  return { small, to: join(small.folder, 'target') };
}

async function restored(
  small: SmallProject,
  to: string,
  paths: readonly string[],
  options: { readonly overwrite?: boolean } = {},
  files: FileOperations = realFiles,
) {
  return told(restore(await openSmall(small, files), section, { paths, to, ...options }));
}
