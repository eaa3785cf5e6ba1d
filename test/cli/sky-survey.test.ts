import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { main } from '../../src/dropins/hpsspy/main.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { stowage } from '../stowage.ts';

const generator = fileURLToPath(new URL('../../examples/make-sky-survey.mjs', import.meta.url));

test.each(['dr1', 'dr2'])(
  'the example: every pattern of %s matches, and every file goes to one archive',
  async (section) => {
    const folder = await scratchFolder();
    const config = execFileSync(process.execPath, [generator, folder]).toString().trim();
    mkdirSync(join(folder, 'cache'));
    let said = '';
    const status = await main(['-t', '-c', join(folder, 'cache'), config, section], {
      out: () => undefined,
      err: (text) => {
        said += text;
      },
    });
    const lines = said.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => / (?:WARNING|ERROR|CRITICAL): |never used/.test(line))).toEqual([]);
    expect(status).toBe(0);
    const missing = JSON.parse(readFileSync(join(folder, `cache/missing_files_${section}.json`), 'utf8')) as object;
    expect(Object.keys(missing).length).toBeGreaterThan(25);
  },
);

test('the example: the configuration has no errors, and some fifty patterns', async () => {
  const folder = await scratchFolder();
  const config = execFileSync(process.execPath, [generator, folder]).toString().trim();
  const { status, out } = await stowage('check', config);
  expect(status).toBe(0);
  expect(out).toContain('0 errors, 0 warnings');
});
