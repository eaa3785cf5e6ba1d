import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { manPages } from '../../src/cli/man-pages.ts';
import { needing } from '../needing.ts';

const folder = fileURLToPath(new URL('../../man/', import.meta.url));
const pages = [...manPages()];
const judged = (program: string) => needing(spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);

test('man/ holds what the table of commands gives, and nothing else; npm run docs writes it', () => {
  const held = readdirSync(folder).map((name) => [name, readFileSync(`${folder}${name}`, 'utf8')]);
  expect(Object.fromEntries(held)).toEqual(Object.fromEntries(pages));
});

test('package.json names every page, and ships them', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(manifest.man).toEqual(pages.map(([name]) => `./man/${name}`));
  expect(manifest.files).toContain('man');
});

judged('mandoc').test.each(pages)('%s: mandoc has no complaint', (name) => {
  const { stdout } = spawnSync('mandoc', ['-Tlint', '-Wstyle', `${folder}${name}`], { encoding: 'utf8' });
  // A page that is the same each time it is made has no date.
  expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
});

judged('mandoc').test('what is printed is what is meant', () => {
  const { stdout } = spawnSync('mandoc', ['-Tutf8', '-Owidth=200', `${folder}stowage-find.1`], { encoding: 'utf8' });
  const text = stdout.replace(/.\x08/gu, '');
  expect(text).toContain("stowage find survey.json 'spectra/**/coadd-*' --section data");
  expect(text).toContain('--section section');
  expect(text).toMatch(/stowage-find - say which archive holds a file/);
  for (const { name } of commands) expect(pages.map(([page]) => page)).toContain(`stowage-${name}.1`);
});

judged('groff').test.each(pages)('%s: groff has no complaint', (name) => {
  const args = ['-man', '-Tutf8', '-ww', '-z', `${folder}${name}`];
  expect(spawnSync('groff', args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
