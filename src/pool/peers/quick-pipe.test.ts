import { mkdirSync, readdirSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { quickPipe } from './quick-pipe.ts';

afterEach(() => void vi.unstubAllEnvs());

test('a pipe is made by way of the temporary folder, and nothing is left there', async () => {
  const folder = await scratchFolder();
  vi.stubEnv('TMPDIR', folder);
  const pipe = await quickPipe();
  expect(pipe).toBeDefined();
  expect(readdirSync(folder)).toEqual([]);
  pipe?.writeEnd.end('all');
  expect(String(await pipe?.hear())).toBe('all');
  expect(await pipe?.hear()).toBeUndefined();
});

test.each(['none', 'long'.repeat(30)])(
  'in a temporary folder that cannot have a socket there is none: %s',
  async (name) => {
    const folder = `${await scratchFolder()}/${name}`;
    if (name !== 'none') mkdirSync(folder);
    vi.stubEnv('TMPDIR', folder);
    expect(await quickPipe()).toBeUndefined();
  },
);
