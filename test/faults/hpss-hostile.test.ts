import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { htar } from '../../src/hpss/htar.ts';
import { htarEntries } from '../../src/hpss/htar-entries.ts';
import { hostileTars, rawTar } from '../hostile-tars.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowageJson } from '../stowage.ts';
import { lookAtTree } from '../tree.ts';

/** The whole folder but for where restored things may be, HPSS, and the record. */
function aroundOf(folder: string): unknown {
  return [...lookAtTree(folder)].filter(([path]) => !/^(?:back|hpss|\.stowage)(?:\/|$)/.test(path));
}

test('hostile tars that lie on HPSS without an index: nothing leaves the target, what is sound comes back', async () => {
  const folders = hostileTars.map((_, at) => `d${at}`);
  const at = await hpssPlace(Object.fromEntries(folders.map((d) => [d, { [`${d}/.*$`]: `${d}.tar` }])));
  const outside = join(at.folder, 'outside');
  plant(outside, { 'victim/file': 'untouched' });
  const held = at.hpss.local(`${at.hpssRoot}/data`);
  mkdirSync(held);
  const tars = hostileTars.map(([, members], index) => rawTar(members(folders[index]!, outside)));
  for (const [index, tar] of tars.entries()) {
    writeFileSync(join(held, `${folders[index]}.tar`), tar);
    plant(at.data, { [`${folders[index]}/`]: '' });
  }
  await stowageJson('archive', at.config, 'data');
  const before = aroundOf(at.folder);
  const to = join(at.folder, 'back');
  const { status, out } = await stowageJson('restore', at.config, 'data', '.', '--to', to);
  expect([1, 4], out).toContain(status);
  expect(aroundOf(at.folder)).toEqual(before);
  const { events } = await stowageJson('find', at.config, '**');
  const listed = events.filter((one) => one.event === 'found').map((one) => String(one.path));
  expect(listed.filter((path) => path.startsWith('/') || path.split('/').includes('..'))).toEqual([]);
  for (const [index, [what, , fine]] of hostileTars.entries()) {
    for (const name of fine) expect(existsSync(join(to, folders[index]!, name)), `${what}: ${name}`).toBe(true);
    expect(readFileSync(join(held, `${folders[index]}.tar`)).equals(tars[index]!), what).toBe(true);
  }
});

test('an archive of htar whose index names what lies outside is adopted without it', async () => {
  const at = await hpssPlace({ d: { 'd/.*$': 'd.tar' } });
  plant(at.data, { 'd/ok': 'fine', 'd/': '' });
  plant(at.folder, { 'outside/victim/file': 'untouched' });
  symlinkSync(join(at.folder, 'outside/victim'), join(at.data, 'd/out'));
  const names = ['../../outside/victim/file', join(at.folder, 'outside/victim/file'), 'd/out', 'd/ok'];
  const made = await htar(['-cPf', `${at.hpssRoot}/data/d.tar`, ...names], { ...at.hpss.options, cwd: at.data });
  expect(made.status).toBe(0);
  const indexed = await htarEntries(`${at.hpssRoot}/data/d.tar`, at.hpss.options);
  expect(indexed.filter(({ name }) => name.endsWith('victim/file')).length, 'what the index names').toBe(2);
  await stowageJson('archive', at.config, 'data');
  const before = aroundOf(at.folder);
  const to = join(at.folder, 'back');
  const restored = await stowageJson('restore', at.config, 'data', '.', '--to', to);
  const outcomes = restored.events.filter(({ event }) => event === 'restored').map((one) => [one.path, one.outcome]);
  expect(outcomes.sort()).toEqual([
    ['d/ok', 'restored'],
    ['d/out', 'restored'],
  ]);
  expect(aroundOf(at.folder)).toEqual(before);
  const { events } = await stowageJson('verify', at.config, 'data', '--level', 'index');
  expect(events.find(({ event }) => event === 'verdict')).toMatchObject({ outcome: 'intact' });
});
