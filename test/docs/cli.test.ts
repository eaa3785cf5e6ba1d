import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { manual } from '../../src/cli/manual.ts';

const page = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));

test('docs/cli.md is what the table of commands gives; npm run docs writes it', () => {
  expect(readFileSync(page, 'utf8')).toBe(manual());
});
