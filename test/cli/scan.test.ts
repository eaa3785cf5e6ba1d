import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Place, place, plant, stowage, stowageJson } from '../stowage.ts';

const rules = { d: { 'd/.*$': 'd.tar' } };
let at: Place;

beforeEach(async () => {
  at = await place(rules);
  plant(at.data, { 'd/a.fits': 'content a', 'd/b,"%.fits': 'content b' });
  mkdirSync(join(at.data, 'hollow'));
});

const listings = () => readdirSync(join(at.state, 'listing/data'));

describe('scan', () => {
  test('tells what there is and where the listing lies, and keeps one listing', async () => {
    const { status, out, err } = await stowage('scan', at.config, 'data');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^data: 2 files, 2 directories; 18 B\ndata: 4 entries in \d+ s.*; the listing lies in .*\n$/);
    const { events } = await stowageJson('scan', at.config, 'data', '--jobs', '1');
    expect(events).toMatchObject([
      {
        event: 'scanned',
        section: 'data',
        source: 'scan',
        roots: [{ path: at.data }],
        resumed: false,
        counts: { file: 2, directory: 2, link: 0, bytes: 18 },
        unseen: 0,
        looked: 4,
      },
      { event: 'end', status: 0 },
    ]);
    expect(listings().length).toBe(1);
  });

  test('exit 4 if something could not be looked at, with the reason', async () => {
    // Deeper than the longest path: not even the superuser can name what lies at its end.
    const deep = 'n'.repeat(250);
    execFileSync('bash', ['-c', `for n in {1..20}; do mkdir ${deep} && cd ./${deep} || exit 1; done`], {
      cwd: at.data,
    });
    const { status, events } = await stowageJson('scan', at.config, 'data');
    execFileSync('rm', ['-r', join(at.data, deep)]);
    expect(status).toBe(4);
    expect(events[0]).toMatchObject({ finding: 'unseen', reason: 'name too long', severity: 'blind' });
  });

  test.each(['0', '-1', '1.5', 'many', ''])('--jobs %j is refused', async (jobs) => {
    const { status, err } = await stowage('scan', at.config, 'data', `--jobs=${jobs}`);
    expect([status, err]).toEqual([2, expect.stringContaining('--jobs 2')]);
  });

  test('a section that there is none of is exit 3, one that is not on disk exit 4', async () => {
    expect((await stowage('scan', at.config, 'nope')).status).toBe(3);
    rmSync(at.data, { recursive: true });
    expect((await stowage('scan', at.config, 'data')).status).toBe(4);
  });
});

describe('--listing', () => {
  test('goes by what was listed, and says so', async () => {
    await stowage('scan', at.config, 'data');
    plant(at.data, { 'd/new.fits': 'new' });
    const by = await stowageJson('missing', at.config, 'data', '--listing', 'latest');
    expect(by.events.map((one) => one.event)).toContain('listing-used');
    expect(by.events.find((one) => one.event === 'due')).toMatchObject({ members: 2 });
    const folder = join(at.state, 'listing/data', listings()[0]!);
    expect((await stowageJson('missing', at.config, 'data', '--listing', folder)).events).toEqual(by.events);
    const { err } = await stowage('missing', at.config, 'data', '--listing', 'latest');
    expect(err).toMatch(/^note {2}data: by the listing of 20.*Z, made by a scan; what changed since is not in it$/m);
    const now = await stowageJson('missing', at.config, 'data');
    expect(now.events.find((one) => one.event === 'due')).toMatchObject({ members: 3 });
    expect(now.events.map((one) => one.event)).not.toContain('listing-used');
  });

  test('an archive that is made by it holds what is on disk by then, and what went is told', async () => {
    await stowage('scan', at.config, 'data');
    rmSync(join(at.data, 'd/a.fits'));
    plant(at.data, { 'd/new.fits': 'new' });
    const made = await stowageJson('archive', at.config, 'data', '--listing', 'latest');
    expect(made.events.find((one) => one.event === 'stored')).toMatchObject({ members: 1 });
    expect(made.events.filter((one) => one.finding === 'refused')).toMatchObject([{ path: 'd/a.fits' }]);
    expect(made.status).toBe(1);
  });

  test.each([
    ['latest, where there is none', 'latest', 4, 'has no listing'],
    ['a folder without one', '.', 4, 'holds no complete listing'],
  ])('%s', async (_, which, status, told) => {
    const run = await stowage('missing', at.config, 'data', '--listing', which);
    expect([run.status, run.err]).toEqual([status, expect.stringContaining(told)]);
    expect(run.err).toContain('stowage scan CONFIG SECTION');
  });

  test('one of another section is exit 3', async () => {
    await stowage('scan', at.config, 'data');
    const folder = join(at.state, 'listing/data', listings()[0]!);
    const other = await place(rules);
    plant(other.data, { 'd/x': '' });
    expect((await stowage('missing', other.config, 'data', '--listing', folder)).status).toBe(3);
  });
});
