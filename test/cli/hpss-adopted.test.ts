import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hsi } from '../../src/hpss/hsi.ts';
import { htar } from '../../src/hpss/htar.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowage } from '../stowage.ts';

const rules = { d1: { 'd1/batch/.*$': 'd1/batch.tar', 'd1/([^/]+\\.txt)$': 'd1/\\1' } };

/** What HPSSPy leaves on HPSS: htar run beside the directory, a file put as it is. */
async function archivedByHpsspy(settings: object = {}) {
  const at = await hpssPlace(rules, settings);
  plant(at.data, { 'd1/batch/one': '1', 'd1/batch/deep/two': '22', 'd1/a.txt': 'plain' });
  for (const name of ['d1/batch/one', 'd1/batch/deep/two', 'd1/a.txt'])
    utimesSync(join(at.data, name), 1_500_000_077.5, 1_500_000_077.5);
  const { options } = at.hpss;
  const there = `${at.hpssRoot}/data/d1`;
  await hsi(['mkdir', '-p', '-m', '2770', there], options);
  const cwd = join(at.data, 'd1');
  const made = await htar(['-cvf', `${there}/batch.tar`, '-H', 'crc:verify=all', 'batch'], { ...options, cwd });
  expect(made.status).toBe(0);
  await hsi(['put', join(at.data, 'd1/a.txt'), ':', `${there}/a.txt`], options);
  return at;
}

test("HPSSPy's archives are adopted by their index, and never made again", async () => {
  const at = await archivedByHpsspy();
  const before = readFileSync(at.hpss.local(`${at.hpssRoot}/data/d1/batch.tar`));
  const ran = await stowage('archive', at.config, 'data');
  expect(ran).toMatchObject({ status: 0, out: expect.stringContaining('nothing is missing') });
  expect(readFileSync(at.hpss.local(`${at.hpssRoot}/data/d1/batch.tar`))).toEqual(before);
  expect((await stowage('find', at.config, 'two')).out).toContain('d1/batch/deep/two');
  for (const level of ['size', 'index', 'read', 'index', 'read'])
    expect(await stowage('verify', at.config, 'data', '--level', level), level).toMatchObject({ status: 0 });
});

test('they are restored, before and after they were read', async () => {
  const at = await archivedByHpsspy();
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  for (const name of ['out1', 'out2']) {
    const out = join(at.folder, name);
    expect(await stowage('restore', at.config, 'data', '.', '--to', out)).toMatchObject({ status: 0 });
    expect(readFileSync(join(out, 'd1/batch/deep/two'), 'utf8')).toBe('22');
    expect((await stowage('verify', at.config, 'data', '--level', 'read')).status).toBe(0);
  }
});

test('a changed file makes the archive new, and what is gone from disk comes over from the old one', async () => {
  const at = await archivedByHpsspy();
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  plant(at.data, { 'd1/batch/three': '333' });
  rmSync(join(at.data, 'd1/batch/one'));
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  const out = join(at.folder, 'out');
  expect(await stowage('restore', at.config, 'data', '.', '--to', out)).toMatchObject({ status: 0 });
  expect(readFileSync(join(out, 'd1/batch/one'), 'utf8')).toBe('1');
  expect(readFileSync(join(out, 'd1/batch/three'), 'utf8')).toBe('333');
});

test('a zone that was not stated is no reason to make them again', async () => {
  const at = await archivedByHpsspy({ zone: 'UTC' });
  const ran = await stowage('archive', at.config, 'data');
  expect(ran.status).toBe(1);
  expect(ran.out + ran.err).toContain('differ from those on disk by 7 h throughout');
  expect(at.hpss.sessions('htar'), 'made once, listed once').toBe(2);
});

test.each([
  ['newer', 5],
  ['older', -5],
])('without a stated zone a plain file that looks some hours %s is left alone, and it is told', async (_, hours) => {
  const at = await hpssPlace(rules);
  plant(at.data, { 'd1/a.txt': 'plain' });
  const there = `${at.hpssRoot}/data/d1`;
  await hsi(['mkdir', '-p', there], at.hpss.options);
  await hsi(['put', join(at.data, 'd1/a.txt'), ':', `${there}/a.txt`], at.hpss.options);
  // Eight hours are the zone's; of the rest nobody can say whether it is.
  const seconds = Date.now() / 1000 + (hours - 8) * 3600;
  utimesSync(join(at.data, 'd1/a.txt'), seconds, seconds);
  const config = readFileSync(at.config, 'utf8');
  writeFileSync(at.config, config.replace('"zone":"America/Los_Angeles",', ''));
  const ran = await stowage('archive', at.config, 'data');
  expect([ran.status, ran.out + ran.err]).toEqual([1, expect.stringContaining('nobody has said which zone')]);
  expect(readFileSync(at.hpss.local(`${there}/a.txt`), 'utf8')).toBe('plain');
  writeFileSync(at.config, config);
  const told = await stowage('missing', at.config, 'data');
  expect([told.status, told.out]).toEqual([0, expect.stringContaining('nothing is missing')]);
});
