import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { fsPath } from '../../src/model/byte-name.ts';
import { gridPlace } from '../grid-place.ts';
import { needing } from '../needing.ts';
import { plant, stowage, stowageJson } from '../stowage.ts';
import { until } from '../waiting.ts';
import { hasXrootd } from '../xrootd-servers.ts';

const { test } = needing(hasXrootd);
const rules = { d: { 'd/([0-9])/.*$': 'd\\1.tar', 'd/(empty)$': '\\1' } };

test('archives go to the Grid and come back; a bad replica is named, and restore takes another; storage elements may be away', async () => {
  const at = await gridPlace(rules, [{ name: 'ONE' }, { name: 'TWO' }], { replicas: 'disk:2' });
  plant(at.data, { 'd/1/a': 'a'.repeat(3000), 'd/1/b': 'b'.repeat(500_000), 'd/2/c': 'c', 'd/empty': '' });
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  await until('the sessions of the command have ended', () => at.grid.central.connections.open === 0);
  const asked = at.grid.central.requests.length;
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  const changing = at.grid.central.requests
    .slice(asked)
    .filter(({ command }) => /^(commit|mv|rm|access)$/.test(command));
  expect(changing, 'the second run changes nothing').toEqual([]);
  const below = [...at.grid.central.world.catalogue.below(at.lfn)].flatMap(({ path, type }) =>
    type === 'f' ? [path] : [],
  );
  expect(below.map((path) => path.slice(at.lfn.length + 1).replace(/\.stowage\/.*/, 'journal')).sort()).toEqual([
    ...['data/d1.tar', 'data/d2.tar', 'data/empty', 'journal'],
  ]);
  for (const level of ['listed', 'size', 'index', 'digest', 'read'])
    expect(await stowage('verify', at.config, '--level', level), level).toMatchObject({ status: 0 });

  const lfn = `${at.lfn}/data/d1.tar`;
  // Whichever was registered first is read first.
  const [first] = at.grid.central.world.catalogue.get(lfn)!.replicas;
  at.grid.corrupt(lfn, first!.se.split('::').at(-1)!);
  for (const level of ['digest', 'read']) {
    const { status, events } = await stowageJson('verify', at.config, '--level', level);
    const bad = events.filter(({ event, outcome }) => event === 'verdict' && outcome !== 'intact');
    expect([status, bad], level).toEqual([
      1,
      [expect.objectContaining({ archive: 'data/d1.tar', outcome: 'damaged', copies: 2 })],
    ]);
    expect(bad[0]!.problems, level).toEqual([expect.stringMatching(new RegExp(`^${first!.se}: .*MD5`))]);
  }
  const restored = await stowage('restore', at.config, 'data', 'd', '--to', `${at.folder}/back`);
  expect(restored).toMatchObject({ status: 0 });
  expect(readFileSync(`${at.folder}/back/d/1/b`, 'utf8')).toBe('b'.repeat(500_000));
  expect(readFileSync(`${at.folder}/back/d/empty`, 'utf8')).toBe('');
  expect(restored.out + restored.err).toContain("'data/d1.tar': a replica is not what was stored");

  // From the Grid alone.
  const other = `${at.folder}/other`;
  expect(await stowage('rebuild-catalog', at.config, '--state', other)).toMatchObject({ status: 0 });
  expect(await stowage('missing', at.config, 'data', '--state', other)).toMatchObject({ status: 0 });
  expect((await stowage('find', at.config, 'd/2/c', '--state', other)).out).toContain('in data/d2.tar');

  await at.grid.element('TWO').server.stop('keep');
  const away = await stowageJson('verify', at.config, 'data', 'd2.tar', '--level', 'digest');
  expect([away.status, away.events.find(({ event }) => event === 'verdict')]).toEqual([
    1,
    expect.objectContaining({
      outcome: 'unproven',
      problems: [expect.stringMatching(/^LOCALHOST::JTESTSITE::TWO: cannot /)],
    }),
  ]);
  expect(await stowage('restore', at.config, 'data', 'd/2', '--to', `${at.folder}/again`)).toMatchObject({ status: 0 });
  await at.grid.element('ONE').server.stop('keep');
  expect(await stowage('verify', at.config, 'data', 'd2.tar', '--level', 'digest')).toMatchObject({ status: 4 });
  expect(await stowage('restore', at.config, 'data', 'd/2', '--to', `${at.folder}/never`)).toMatchObject({ status: 4 });
  expect(existsSync(`${at.folder}/never/d/2/c`)).toBe(false);
});

test('a file that has gone comes over into the new archive from the replica that has it, where another lies', async () => {
  const at = await gridPlace(rules, [{ name: 'ONE' }, { name: 'TWO' }], { replicas: 'disk:2' });
  const gone = 'b'.repeat(500_000);
  plant(at.data, { 'd/1/a': 'a', 'd/1/b': gone });
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  const lfn = `${at.lfn}/data/d1.tar`;
  const [first] = at.grid.central.world.catalogue.get(lfn)!.replicas;
  // In the middle is what has gone.
  at.grid.corrupt(lfn, first!.se.split('::').at(-1)!);
  rmSync(`${at.data}/d/1/b`);
  plant(at.data, { 'd/1/a': 'another' });
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  expect(await stowage('verify', at.config, '--level', 'read')).toMatchObject({ status: 0 });
  expect(await stowage('restore', at.config, 'data', 'd', '--to', `${at.folder}/back`)).toMatchObject({ status: 0 });
  expect(readFileSync(`${at.folder}/back/d/1/a`, 'utf8')).toBe('another');
  expect(readFileSync(`${at.folder}/back/d/1/b`, 'utf8')).toBe(gone);
});

test('a storage element that is full or away is made up for by another; where there are too few, nothing is stored and nothing left', async () => {
  const elements = [{ name: 'FULL', full: true }, { name: 'ONE' }, { name: 'TWO' }];
  const at = await gridPlace(rules, elements, { replicas: 'disk:2' });
  plant(at.data, { 'd/1/a': 'a'.repeat(300_000) });
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  const { catalogue } = at.grid.central.world;
  expect(
    catalogue
      .get(`${at.lfn}/data/d1.tar`)!
      .replicas.map(({ se }) => se.split('::')[2])
      .sort(),
  ).toEqual(['ONE', 'TWO']);

  await at.grid.element('TWO').server.stop('keep');
  plant(at.data, { 'd/2/a': 'a'.repeat(300_000) });
  const refused = await stowage('archive', at.config, 'data');
  expect(refused.status).not.toBe(0);
  expect(refused.out + refused.err).toMatch(
    /is at 1 of 2 storage elements: .*no space left|is at 1 of 2 storage elements/i,
  );
  expect(catalogue.get(`${at.lfn}/data/d2.tar`)).toBeUndefined();
  const left = () => ({
    waiting: [...catalogue.below(`${at.lfn}/.stowage/tmp`)],
    spool: readdirSync(`${at.state}/spool`),
    // Of one that went away nobody knows what it has got.
    notes: readdirSync(`${at.state}/grid`).length,
  });
  expect(left()).toEqual({ waiting: [], spool: [], notes: 2 });
  const again = await stowage('archive', at.config, 'data');
  expect(again.err).toContain('LOCALHOST::JTESTSITE::TWO is left to the Grid’s own cleaning');
  expect(left()).toEqual({ waiting: [], spool: [], notes: 2 });
});

test('what stands in the way is told before anything is sent', async () => {
  const at = await gridPlace({ d: { 'd/(.*)$': 'd/\\1' } }, [{ name: 'ONE' }], { replicas: 'disk:1' });
  const long = 'n'.repeat(250);
  plant(at.data, { [`d/${long}`]: 'x', 'd/good': 'x', 'd/dir': 'x' });
  writeFileSync(fsPath(`${at.data}/d/b\udcffd`), 'x');
  const { central } = at.grid;
  expect(await at.grid.alien('mkdir', '-p', `${at.lfn}/data/d/dir`)).toMatchObject({ status: 0 });
  const { status, out, err } = await stowage('archive', at.config, 'data');
  expect(status).toBe(1);
  expect(out + err).toContain('the Grid has no such name: it is not UTF-8');
  expect(out + err).toContain('its name is too long for the Grid');
  expect(out + err).toContain('it is a directory on the Grid');
  expect(central.world.catalogue.get(`${at.lfn}/data/d/good`)).toBeDefined();

  plant(at.data, { 'd/more': 'x' });
  await at.grid.element('ONE').server.stop('keep');
  const alone = await stowage('archive', at.config, 'data');
  expect([alone.status, alone.out + alone.err]).toEqual([
    4,
    expect.stringContaining('no storage element can be reached'),
  ]);
  expect(await stowage('archive', at.config, 'data', '--dry-run')).toMatchObject({ status: 1 });
  central.world.catalogue.put({
    ...central.world.catalogue.get(`${at.lfn}/.stowage/tmp`)!,
    owner: 'admin',
    perm: '755',
  });
  const foreign = await stowage('archive', at.config, 'data');
  expect([foreign.status, foreign.out + foreign.err]).toEqual([
    4,
    expect.stringContaining('nothing can be written below'),
  ]);
});
