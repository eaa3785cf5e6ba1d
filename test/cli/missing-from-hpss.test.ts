import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { main } from '../../src/dropins/hpsspy/main.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowage } from '../stowage.ts';

const builtCommand = fileURLToPath(new URL('../../dist/missing-from-hpss.mjs', import.meta.url));

const rules = {
  __top__: { '[^/]+\\.md$': 'top_files.tar' },
  d1: { 'd1/batch/.*$': 'd1/batch.tar', 'd1/([^/]+\\.txt)$': 'd1/\\1' },
};
const files = { 'd1/batch/one': '1', 'd1/batch/deep/ü b': '22', 'd1/a.txt': 'plain', 'notes.md': '# top' };

async function ready(more: Readonly<Record<string, string>> = {}) {
  const at = await hpssPlace(rules);
  plant(at.data, { ...files, ...more });
  const config = JSON.parse(readFileSync(at.config, 'utf8'));
  config.__config__.physical_disks = false;
  writeFileSync(at.config, JSON.stringify(config));
  const cache = join(at.folder, 'cache');
  mkdirSync(cache);
  const run = async (...argv: readonly string[]) => {
    const said = { out: '', err: '' };
    const into = (stream: 'out' | 'err') => (text: string) => {
      said[stream] += text;
    };
    const status = await main([...argv, '-c', cache, at.config, 'data'], { out: into('out'), err: into('err') });
    return { status, ...said };
  };
  return { ...at, cache, run };
}

test('a test says every command and reaches no HPSS, even with -p', async () => {
  const { run, cache, hpss, hpssRoot, data, state } = await ready();
  const { status, err } = await run('-t', '-p');
  expect(status).toBe(0);
  expect(err).toContain(
    `hpsspy.scan.process_missing INFO: htar('-cvf', '${hpssRoot}/data/d1/batch.tar', '-H', 'crc:verify=all', 'batch')`,
  );
  expect(err).toContain(`INFO: hsi('put', '${data}/d1/a.txt', ':', '${hpssRoot}/data/d1/a.txt')`);
  expect(hpss.sessions()).toBe(0);
  expect(existsSync(state)).toBe(false);
  expect(readdirSync(cache).sort()).toEqual([
    'disk_files_data.csv',
    'disk_files_data.csv.made.json',
    'missing_files_data.json',
  ]);
});

test('-p stores, checks and records: a second run, and stowage, find nothing to do', async () => {
  const { run, config, hpss, hpssRoot, cache } = await ready();
  expect(await run('-p')).toMatchObject({ status: 0, err: '', out: '' });
  expect(readFileSync(hpss.local(`${hpssRoot}/data/d1/a.txt`), 'utf8')).toBe('plain');
  expect(await stowage('verify', config, 'data', '--level', 'read')).toMatchObject({ status: 0 });
  expect(await stowage('archive', config, 'data')).toMatchObject({
    out: expect.stringContaining('nothing is missing'),
  });
  expect(await run('-p', '-H')).toMatchObject({ status: 0, err: '' });
  expect(readFileSync(join(cache, 'missing_files_data.json'), 'utf8')).toBe('{}');
  expect(readFileSync(join(cache, 'hpss_files_data.csv'), 'utf8')).toMatch(/^Name,Size,Mtime\r\n/);
});

test.each([
  ['a file without a rule', { 'd1/what': 'x' }, 'd1/what is not mapped to any file on HPSS!'],
  ['a directory that nobody described', { 'd9/x': 'x' }, '1 file is left out'],
] as const)('%s: the rest is stored, and the exit status is 1', async (_, more, told) => {
  const { run, hpss, hpssRoot } = await ready(more);
  const { status, err } = await run('-p');
  expect(status).toBe(1);
  expect(err).toContain(told);
  expect(existsSync(hpss.local(`${hpssRoot}/data/d1/batch.tar`))).toBe(true);
});

test('with -E nothing is stored where something is wrong', async () => {
  const { run, hpss, hpssRoot } = await ready({ 'd1/what': 'x' });
  expect(await run('-p', '-E')).toMatchObject({ status: 1 });
  expect(existsSync(hpss.local(`${hpssRoot}/data`))).toBe(false);
});

test('an archive that would be too large is not made, and the exit status says so', async () => {
  const { run, hpss, hpssRoot } = await ready();
  const { status, err } = await run('-p', '-l', '0.000000001');
  expect(status).toBe(1);
  expect(err).toContain('HPSS file d1/batch.tar would be too large, skipping backup!');
  expect(existsSync(hpss.local(`${hpssRoot}/data/d1/batch.tar`))).toBe(false);
});

test('tape that cannot be listed is not empty: nothing is stored, no cache stays', async () => {
  const { run, hpss, hpssRoot, cache } = await ready();
  hpss.script({ tool: 'hsi', at: 'login', do: { kind: 'down' } });
  const { status } = await run('-p');
  expect(status).toBe(1);
  expect(existsSync(join(cache, 'hpss_files_data.csv'))).toBe(false);
  expect(existsSync(join(cache, 'disk_files_data.csv'))).toBe(true);
  expect(existsSync(hpss.local(`${hpssRoot}/data`))).toBe(false);
});

test.each([
  ['of another program', (cache: string) => rmSync(`${cache}.made.json`), 'was not made by Stowage'],
  [
    'that was edited',
    (cache: string) => writeFileSync(cache, `${readFileSync(cache, 'utf8')}d1/zz,1,1\r\n`),
    'is not as Stowage made it',
  ],
] as const)('a cache %s is used, and that is said', async (_, change, told) => {
  const { run, cache } = await ready();
  expect((await run('-t')).status).toBe(0);
  change(join(cache, 'disk_files_data.csv'));
  expect((await run('-t')).err).toContain(told);
  expect((await run('-t', '-D')).err).not.toContain('WARNING');
});

test('a cache that is older than what lies on the disk is used, and that is said', async () => {
  const { run, data } = await ready();
  expect((await run('-t')).err).not.toContain('WARNING');
  plant(data, { 'd1/batch/new': 'x', 'd1/late.txt': 'x' });
  const later = Date.now() / 1000 + 60;
  utimesSync(join(data, 'd1'), later, later);
  expect((await run('-t')).err).toContain('d1 has changed since');
});

test('the program stands in the section while it looks at that, and all that was said by relative paths stays where it was', async () => {
  const { folder, cache, config, run, data } = await ready({ 'd1/batch/deep/three,"': '3' });
  expect((await run('-t')).status).toBe(0);
  const whole = readFileSync(join(cache, 'disk_files_data.csv'));
  mkdirSync(join(folder, 'other/tmp'), { recursive: true });
  const argv = [builtCommand, '-t', '-c', 'other', relative(folder, config), 'data'];
  for (const TMPDIR of [undefined, 'other/tmp']) {
    const env = { ...process.env, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
    const { status, stderr } = spawnSync(process.execPath, argv, { cwd: folder, env, encoding: 'utf8' });
    expect([status, stderr.includes('d1/batch.tar')]).toEqual([0, true]);
    expect(readFileSync(join(folder, 'other/disk_files_data.csv')).equals(whole)).toBe(true);
    expect(readdirSync(data).sort()).toEqual(['d1', 'notes.md']);
    rmSync(join(folder, 'other/disk_files_data.csv'));
  }
  expect(readdirSync(join(folder, 'other/tmp'))).toEqual([]);
});
