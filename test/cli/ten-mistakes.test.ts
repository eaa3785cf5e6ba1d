import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { stowage } from '../stowage.ts';

const golden = new URL('golden/', import.meta.url);

/** Written by hand, with the mistakes that people make. What is said of them must be enough to correct the file without a manual. */
test('a configuration with more than ten mistakes is explained', async () => {
  const config = fileURLToPath(new URL('ten-mistakes.json', golden));
  const { status, out, err } = await stowage('check', config);
  expect(status).toBe(3);
  await expect(`${err}${out}`).toMatchFileSnapshot(fileURLToPath(new URL('ten-mistakes.txt', golden)));
});

test('corrected as it is told to be, it is without problems', async () => {
  const config = fileURLToPath(new URL('ten-mistakes-corrected.json', golden));
  const { status, err } = await stowage('check', config);
  const problems = err.split('\n').filter((line) => /^ {2}\d/.test(line));
  expect([status, problems.filter((line) => !line.includes('cannot look at the '))]).toEqual([0, []]);
  expect(readFileSync(config, 'utf8')).toContain('__exclude__');
});
