import { linkSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { htarEntries } from '../../src/hpss/htar-entries.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowage, stowageJson } from '../stowage.ts';

const rules = {
  d1: { 'd1/batch/.*\\.fits$': 'd1/batch.tar', 'd1/batch/.*\\.tmp$': 'EXCLUDE', 'd1/(.*\\.txt)$': 'd1/texts.tar' },
};

/** How each stored archive was packed, by its key. */
async function packed(config: string) {
  const ran = await stowageJson('archive', config, 'data');
  const stored = ran.events.filter(({ event }) => event === 'stored');
  return { ...ran, packed: Object.fromEntries(stored.map((one) => [one.archive, one.packed])) };
}

test('htar gets exactly the planned members, relative to the directory that HPSSPy takes', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, { 'd1/batch/a b.fits': 'a', 'd1/batch/x;y.fits': 'b', 'd1/batch/no.tmp': 'no', 'd1/-c.txt': 'dash' });
  symlinkSync('a b.fits', join(at.data, 'd1/batch/link.fits'));
  const ran = await packed(at.config);
  expect([ran.status, ran.packed]).toEqual([
    0,
    { 'data/d1/batch.tar': { by: 'store' }, 'data/d1/texts.tar': { by: 'store' } },
  ]);
  const names = async (name: string) =>
    (await htarEntries(`${at.hpssRoot}/data/${name}`, at.hpss.options)).map((one) =>
      one.name.replace(/.*CF_CHK.*/, 'check'),
    );
  expect(await names('d1/batch.tar')).toEqual([
    'batch/a b.fits',
    'batch/link.fits -> a b.fits',
    'batch/x;y.fits',
    'check',
  ]);
  expect(await names('d1/texts.tar')).toEqual(['-c.txt', 'check']);
  expect(await stowage('verify', at.config, 'data', '--level', 'index')).toMatchObject({ status: 0 });
  expect(await stowage('restore', at.config, 'data', '.', '--to', join(at.folder, 'out'))).toMatchObject({ status: 0 });
  expect(readFileSync(join(at.folder, 'out/d1/batch/link.fits'), 'utf8')).toBe('a');
});

test('what htar cannot hold is streamed, and it is said why', async () => {
  const at = await hpssPlace({
    long: { 'long/.*$': 'long.tar' },
    hard: { 'hard/.*$': 'hard.tar' },
    link: { 'link/.*$': 'link.tar' },
    line: { 'line/[^$]*$': 'line.tar' },
    fits: { 'fits/.*$': 'fits.tar' },
  });
  const deep = `${'d'.repeat(70)}/${'e'.repeat(70)}`;
  plant(at.data, {
    [`long/${'n'.repeat(100)}`]: '1',
    'hard/one': '2',
    'line/a\nb': '3',
    'link/': '',
    [`fits/${deep}/${'n'.repeat(99)}`]: '4',
  });
  linkSync(join(at.data, 'hard/one'), join(at.data, 'hard/two'));
  symlinkSync('t'.repeat(100), join(at.data, 'link/l'));
  const planned = await stowageJson('archive', at.config, 'data', '--dry-run');
  const said = await stowage('missing', at.config, 'data');
  const ran = await packed(at.config);
  const why = (text: string) => ({ by: 'us', why: expect.stringContaining(text) });
  expect([ran.status, ran.packed]).toEqual([
    0,
    {
      'data/fits.tar': { by: 'store' },
      'data/hard.tar': why('further name'),
      'data/line.tar': why('end of a line'),
      'data/link.tar': why('target'),
      'data/long.tar': why('too long'),
    },
  ]);
  const due = planned.events.filter(({ event }) => event === 'due').map((one) => [one.archive, one.packing]);
  expect(Object.fromEntries(due), 'the plan says what is done').toEqual(ran.packed);
  expect(said.out).toContain('(not in the store; to be streamed: the target of');
  expect(said.out).toMatch(/fits\.tar {2}1 file, 1 B {2}\(not in the store\)/);
  expect(await stowage('verify', at.config, 'data', '--level', 'read')).toMatchObject({ status: 0 });
});

test.each([
  ['members, with status 72', { kind: 'omit', what: 'members', count: 1 }, 'were missing|was missing'],
  ['members, with status 0', { kind: 'omit', what: 'members', count: 1, exit: 0 }, 'missing'],
  ['the index', { kind: 'omit', what: 'index' }, 'FAILED|index|such file'],
  ['everything', { kind: 'lie', does: false, says: 'success' }, 'FAILED|index|such file'],
] as const)(
  'htar leaves out %s and says HTAR SUCCESSFUL: nothing is stored, and the next run does it',
  async (_, fault, said) => {
    const at = await hpssPlace(rules);
    plant(at.data, { 'd1/batch/a.fits': 'a', 'd1/batch/b.fits': 'b' });
    at.hpss.script({ tool: 'htar', words: ['-cf'], do: fault });
    const ran = await stowage('archive', at.config, 'data');
    expect(ran.status).toBe(4);
    expect(ran.err + ran.out).toMatch(new RegExp(said));
    expect((await stowage('find', at.config, 'fits')).out).toBe('');
    at.hpss.script();
    expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
    expect(await stowage('verify', at.config, 'data', '--level', 'read')).toMatchObject({ status: 0 });
  },
);
