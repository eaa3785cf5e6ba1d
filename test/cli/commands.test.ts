import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import type { SectionStatus } from '../../src/verbs/search/search-event.ts';
import { type Place, place, plant, stowage, stowageJson } from '../stowage.ts';
import { lookAtTree } from '../tree.ts';

const rules = { __top__: { 'notes\\.txt$': 'notes.txt' }, d: { 'd/.*\\.fits$': 'd.tar', 'd/.*\\.tmp$': 'EXCLUDE' } };
const settings = { root: '/nowhere', store: 'dir:vault' };
let at: Place;

beforeEach(async () => {
  at = await place(rules);
  plant(at.data, { 'd/a.fits': 'content a', 'd/sub/b.fits': 'content b', 'notes.txt': 'notes', 'd/x.tmp': '' });
});

/** Everything that a command could have changed, but for the listing that it leaves. */
const all = () => [...lookAtTree(at.folder)].filter(([path]) => !/^\.stowage(\/listing(\/|$)|$)/.test(path));

describe('the command line itself', () => {
  test.each([
    ['an unknown command', ['frobnicate'], 'frobnicate'],
    ['a misspelt one', ['archve'], 'archive'],
    ['no configuration', ['archive'], 'config'],
    ['no section', ['archive', 'CONFIG'], 'section'],
    ['no path', ['restore', 'CONFIG', 'data'], 'path'],
    ['one argument too many', ['archive', 'CONFIG', 'data', 'more'], 'too many'],
    ['an unknown option', ['archive', 'CONFIG', 'data', '--frob'], '--frob'],
    ['an option without its value', ['archive', 'CONFIG', 'data', '--size-limit'], '--size-limit'],
    ['a size that is none', ['archive', 'CONFIG', 'data', '--size-limit', 'big'], 'big'],
    ['a level that there is not', ['verify', 'CONFIG', '--level', 'deep'], 'listed'],
  ])('%s is exit 2 and says what', async (_, argv, told) => {
    const before = all();
    const { status, out, err } = await stowage(...argv.map((one) => (one === 'CONFIG' ? at.config : one)));
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(told);
    expect(all()).toEqual(before);
  });

  test('no command at all is exit 2, with help', async () => {
    const { status, err } = await stowage();
    expect(status).toBe(2);
    expect(err).toContain('archive');
  });

  test('a level that this store has not is exit 2, and those that it has are named', async () => {
    await stowage('archive', at.config, 'data');
    const { status, err } = await stowage('verify', at.config, '--level', 'digest');
    expect(status).toBe(2);
    for (const level of ['listed', 'size', 'index', 'read']) expect(err).toContain(level);
    expect((await stowageJson('verify', at.config, '--level', 'digest')).events[0]).toMatchObject({
      event: 'error',
      code: 'usage',
    });
  });

  test.each([[['--help']], [['help']], ...commands.flatMap(({ name }) => [[[name, '--help']], [['help', name]]])])(
    '%j prints help and is exit 0',
    async (argv) => {
      const { status, out, err } = await stowage(...argv);
      expect([status, err]).toEqual([0, '']);
      expect(out).toContain('stowage');
    },
  );

  test('--version is one line', async () => {
    const { status, out } = await stowage('--version');
    expect([status, /^\d+\.\d+\.\d+\S*\n$/.test(out)]).toEqual([0, true]);
  });
});

describe('the configuration', () => {
  const reading = commands.filter(({ arguments: wanted }) => wanted.some((one) => one.name === 'config'));
  const every = reading.map(({ name, arguments: wanted }) => {
    const rest = wanted
      .filter((one) => !one.optional || one.name === 'config')
      .map((one) => ({ config: 'CONFIG', section: 'data', path: '.', pattern: 'x' })[one.name] ?? 'x');
    return [name, rest] as const;
  });
  const given = (argv: readonly string[]) => argv.map((one) => (one === 'CONFIG' ? at.config : one));

  test.each(every)('%s: one that is not there is exit 3', async (name, rest) => {
    unlinkSync(at.config);
    const { status, err } = await stowage(name, ...given(rest));
    expect(status, err).toBe(3);
    expect(err).toContain('survey.json');
  });

  test.each(every)('%s: a fault is exit 3, with its line and column', async (name, rest) => {
    writeFileSync(at.config, '{\n  "__config__": {"root": 5, "store": "dir:vault"},\n  "data": {"__exlude__": []}\n}');
    const { status, out, err } = await stowage(name, ...given(rest));
    expect(status).toBe(3);
    expect(out + err).toMatch(/2:26/);
    expect(out + err).toMatch(/3:12/);
    const json = await stowageJson(name, ...given(rest));
    expect(JSON.stringify(json.events)).toContain('"line":2');
  });

  test.each([
    ['not JSON', '{"__config__": '],
    ['empty', ''],
    [
      'a store inside the tree',
      JSON.stringify({
        __config__: { ...settings, root: '/r', store: 'dir:/r/data/vault' },
        data: { __exclude__: [] },
      }),
    ],
    ['no path in HPSS', JSON.stringify({ __config__: { root: '/r', hpss_root: 'h' }, data: { __exclude__: [] } })],
    [
      'a store of an unknown kind',
      JSON.stringify({ __config__: { ...settings, store: 'ftp:x' }, data: { __exclude__: [] } }),
    ],
    [
      'a store with a bad escape',
      JSON.stringify({ __config__: { ...settings, store: 'dir:%zz' }, data: { __exclude__: [] } }),
    ],
  ])('%s is exit 3', async (_, text) => {
    writeFileSync(at.config, text);
    const { status, err } = await stowage('missing', at.config, 'data');
    expect([status, err.length > 0]).toEqual([3, true]);
  });

  test.each(['missing', 'archive', 'verify', 'status', 'unlock', 'check'])(
    '%s: a section that there is not is exit 3, and those that there are are named',
    async (name) => {
      const { status, out, err } = await stowage(name, at.config, 'dta');
      expect(status).toBe(3);
      expect(out + err).toContain("'data'");
    },
  );

  test('a state folder inside the tree is exit 3', async () => {
    const { status } = await stowage('archive', at.config, 'data', '--state', join(at.data, 'state'));
    expect([status, existsSync(join(at.data, 'state'))]).toEqual([3, false]);
  });

  test('check: good is exit 0, doubtful too', async () => {
    expect((await stowage('check', at.config)).status).toBe(0);
    writeFileSync(at.config, JSON.stringify({ __config__: { ...settings, frob: 1 }, data: {} }));
    const { status, events } = await stowageJson('check', at.config);
    expect([status, events.some((one) => one.event === 'problem')]).toEqual([0, true]);
  });
});

describe('from nothing to restored', () => {
  test('missing: something is due is exit 1, nothing is due exit 0, and nothing is changed', async () => {
    const before = all();
    const first = await stowageJson('missing', at.config, 'data');
    expect([first.status, first.events.filter((one) => one.event === 'due').map((one) => one.archive)]).toEqual([
      1,
      ['data/d.tar', 'data/notes.txt'],
    ]);
    expect(all()).toEqual(before);
    await stowage('archive', at.config, 'data');
    expect((await stowage('missing', at.config, 'data')).status).toBe(0);
  });

  test('archive --dry-run changes nothing and says what archive then does', async () => {
    const before = all();
    const dry = await stowageJson('archive', at.config, 'data', '--dry-run');
    expect([dry.status, all()]).toEqual([0, before]);
    const real = await stowageJson('archive', at.config, 'data');
    const names = (events: typeof real.events, kind: string) =>
      events.filter((one) => one.event === kind).map((one) => one.archive);
    expect(names(real.events, 'stored')).toEqual(names(dry.events, 'due'));
    expect(real.status).toBe(0);
  });

  test('what is unmapped, ambiguous or special is exit 1, and the rest is done', async () => {
    plant(at.data, { 'd/unmapped': '', 'other/x': '' });
    const { status, events } = await stowageJson('archive', at.config, 'data');
    expect(status).toBe(1);
    expect(events.filter((one) => one.finding === 'unmapped').map((one) => one.path)).toEqual([
      'd/unmapped',
      'other/x',
    ]);
    expect(events.filter((one) => one.event === 'stored').length).toBe(2);
  });

  test.each([
    ['the vault', (of: Place) => of.vault],
    ['the root', (of: Place) => of.root],
  ])('%s is not there: exit 4, and nothing is taken for lost', async (_, what) => {
    await stowage('archive', at.config, 'data');
    rmSync(what(at), { recursive: true });
    for (const name of ['missing', 'archive']) {
      const { status, events } = await stowageJson(name, at.config, 'data');
      expect([name, status, events.some((one) => one.event === 'due' || one.finding === 'gone')]).toEqual([
        name,
        4,
        false,
      ]);
    }
  });

  test('another root or store than the record speaks of is exit 3', async () => {
    await stowage('archive', at.config, 'data');
    mkdirSync(join(at.folder, 'vault2'));
    writeFileSync(at.config, readFileSync(at.config, 'utf8').replace('dir:vault', 'dir:vault2'));
    for (const name of ['missing', 'archive', 'status', 'verify']) {
      const { status, err } = await stowage(name, at.config, 'data');
      expect([name, status]).toEqual([name, 3]);
      expect(err).toContain('vault2');
    }
    expect((await stowage('find', at.config, 'fits')).status).toBe(3);
    expect((await stowage('restore', at.config, 'data', '.')).status).toBe(3);
    expect(readdirSync(join(at.folder, 'vault2'))).toEqual([]);
  });

  test('verify: intact is exit 0 at each level that there is; damaged or gone exit 1; nothing recorded exit 1', async () => {
    expect((await stowage('verify', at.config)).status).toBe(1);
    await stowage('archive', at.config, 'data');
    for (const level of ['listed', 'size', 'index', 'read'])
      expect((await stowage('verify', at.config, 'data', '--level', level)).status, level).toBe(0);
    expect((await stowage('verify', at.config, 'data', 'd.tar')).status).toBe(0);
    expect((await stowage('verify', at.config, 'data', 'none.tar')).status).toBe(2);
    unlinkSync(join(at.vault, 'data/notes.txt'));
    const gone = await stowageJson('verify', at.config);
    expect([gone.status, gone.events.filter((one) => one.outcome === 'missing').length]).toEqual([1, 1]);
    const path = join(at.vault, 'data/d.tar');
    writeFileSync(
      path,
      readFileSync(path).map((byte, index) => (index === 600 ? byte ^ 1 : byte)),
    );
    expect((await stowageJson('verify', at.config, 'data', 'd.tar', '--level', 'read')).status).toBe(1);
  });

  test('verify in portions: what is left, what a sample says, what was recent; a wrong size or duration is exit 2', async () => {
    await stowage('archive', at.config, 'data');
    const portion = ['verify', at.config, '--level', 'read', '--max-age', '1d', '--max-duration', '1h'];
    expect((await stowage(...portion)).out).toBe('2 archives intact, at the level read (8.0 KiB)\n');
    const again = await stowageJson(...portion);
    expect(again.status).toBe(0);
    expect(again.events[0]).toMatchObject({ event: 'verified', intact: 0, recent: 2, since: expect.any(String) });
    const sample = await stowage('verify', at.config, '--sample', '50%', '--seed', 'x');
    expect(sample.out).toMatch(
      /^a random sample of 1 of 2 archives; --seed 'x' draws it again\n1 archive intact, at the level size \(.*\)\n1 of 2 archives checked at the level size, all intact: with 95% confidence at most 1 of all \(50\.0%\) is damaged or missing\n$/,
    );
    const all = await stowageJson('verify', at.config, '--sample', '100');
    expect(all.events[0]).toEqual({
      event: 'sample',
      seed: expect.stringMatching(/^[0-9a-f]{8}$/),
      archives: 2,
      of: 2,
    });
    expect(all.events.at(-2)).toMatchObject({
      event: 'verified',
      sample: { archives: 2, of: 2, bad: 0, atMost: 0, confidence: 0.95 },
    });
    for (const wrong of [
      ['--sample', '0'],
      ['--max-age', '6m'],
      ['--max-duration', '1'],
      ['--seed', 'x'],
    ])
      expect((await stowage('verify', at.config, ...wrong)).status, wrong.join(' ')).toBe(2);
  });

  test('status: the share of the bytes on each rung, the oldest check, and what is damaged apart', async () => {
    await stowage('archive', at.config, 'data');
    await stowage('verify', at.config, 'data', 'd.tar', '--level', 'read');
    const { events } = await stowageJson('status', at.config);
    const { bytes, rungBytes, damagedBytes, oldest } = events[0] as unknown as SectionStatus;
    expect(rungBytes).toEqual({ listed: 0, size: 5, index: 0, digest: 0, read: bytes - 5 });
    expect([damagedBytes, oldest]).toEqual([0, { archive: 'data/notes.txt', level: 'size' }]);
    unlinkSync(join(at.vault, 'data/notes.txt'));
    await stowage('verify', at.config);
    const text = await stowage('status', at.config);
    expect(text.status).toBe(1);
    expect(text.out).toMatch(/checked +read 1 \(99\.[0-9]% of the bytes\)\n/);
    expect(text.out).toMatch(/oldest check +\S+Z: data\/notes\.txt \(size\)\n/);
    expect(text.out).toMatch(
      /damaged +1 \(0\.[0-9]% of the bytes\)\n {4}data\/notes\.txt: it is no longer in the store\n/,
    );
  });

  test('reconcile: agreement is exit 0, a difference exit 1, the brake exit 4; a wrong share is exit 2', async () => {
    await stowage('archive', at.config, 'data');
    const agreed = await stowage('reconcile', at.config, 'data');
    expect([agreed.status, agreed.out, agreed.err]).toEqual([
      0,
      'data: 4 entries on disk, 2 archives recorded, 2 objects in the store\n  all agree\n',
      '',
    ]);
    rmSync(join(at.data, 'd/a.fits'));
    const braked = await stowage('reconcile', at.config, 'data');
    expect([braked.status, braked.out]).toEqual([4, '']);
    expect(braked.err).toMatch(
      /1 of 3 recorded files are gone from .* \(33.3%\): that is more than 5%, and nothing is believed of it\n {2}hint: .*--brake 34%\n$/s,
    );
    plant(at.data, { 'e/new': '1', 'd/b.fits': '12' });
    const differs = await stowage('reconcile', at.config, 'data', '--brake', '34%');
    expect(differs.status).toBe(1);
    expect(differs.out).toMatch(
      /^data: 5 entries on disk, 2 archives recorded, 2 objects in the store\n {2}changed {3}1 archive \(.*\) of which members are new or changed since\n {2}unmapped {2}1 file \(1 B\) that no rule maps\n {2}gone {6}1 file \(9 B\) archived and gone from disk\nmissing {2}data\/d\.tar .*\n$/,
    );
    expect(differs.err).toContain("gone from disk, kept in 'data/d.tar': 'd/a.fits'");
    for (const wrong of ['5', '101%', '-1%', 'x'])
      expect((await stowage('reconcile', at.config, 'data', '--brake', wrong)).status, wrong).toBe(2);
  });

  test('find: something is exit 0, nothing exit 1', async () => {
    expect((await stowage('find', at.config, 'fits')).status).toBe(1);
    await stowage('archive', at.config, 'data');
    const paths = async (...argv: string[]) =>
      (await stowageJson('find', at.config, ...argv)).events
        .filter((one) => one.event === 'found')
        .map((one) => one.path);
    expect(await paths('fits')).toEqual(['d/a.fits', 'd/sub/b.fits']);
    expect(await paths('*.fits')).toEqual(['d/a.fits', 'd/sub/b.fits']);
    expect(await paths('d/*.fits')).toEqual(['d/a.fits']);
    expect(await paths('data/d/**')).toEqual(['d/a.fits', 'd/sub/b.fits']);
    expect(await paths('[!a].fits')).toEqual(['d/sub/b.fits']);
    expect(await paths('fits', '--section', 'data')).toHaveLength(2);
    expect((await stowage('find', at.config, '*.nothing')).status).toBe(1);
    expect((await stowage('find', at.config, 'x', '--section', 'none')).status).toBe(3);
  });

  test('restore: what no archive holds is exit 1 and the rest is restored; a path outside is exit 2', async () => {
    await stowage('archive', at.config, 'data');
    const to = join(at.folder, 'back');
    const { status, events } = await stowageJson('restore', at.config, 'data', 'd/a.fits', 'd/none', '--to', to);
    expect([status, events.filter((one) => one.event === 'restored').length]).toEqual([1, 1]);
    expect(readFileSync(join(to, 'd/a.fits'), 'utf8')).toBe('content a');
    for (const path of ['../x', '/etc/passwd', ''])
      expect((await stowage('restore', at.config, 'data', path, '--to', to)).status, path).toBe(2);
    expect((await stowage('restore', at.config, 'data', '.', '--archive', 'none.tar')).status).toBe(2);
    expect((await stowage('restore', at.config, 'none', '.')).status).toBe(3);
  });

  test('restore: a file, a folder, an absolute path, one archive', async () => {
    await stowage('archive', at.config, 'data');
    const files = async (...argv: string[]) => {
      const to = join(at.folder, `back-${Math.random()}`);
      expect((await stowage('restore', at.config, 'data', ...argv, '--to', to)).status).toBe(0);
      return [...lookAtTree(to)]
        .filter(([, { type }]) => type === 'file')
        .map(([path]) => path)
        .sort();
    };
    expect(await files('d/sub')).toEqual(['d/sub/b.fits']);
    expect(await files('./d/sub/')).toEqual(['d/sub/b.fits']);
    expect(await files(join(at.data, 'd/a.fits'))).toEqual(['d/a.fits']);
    expect(await files('.')).toEqual(['d/a.fits', 'd/sub/b.fits', 'notes.txt']);
    expect(await files('.', '--archive', 'notes.txt')).toEqual(['notes.txt']);
  });

  test('restore says at the end what came back, what was there, and what was left alone', async () => {
    await stowage('archive', at.config, 'data');
    const to = join(at.folder, 'back');
    const again = async () => {
      const { status, events } = await stowageJson('restore', at.config, 'data', '.', '--to', to);
      return [status, events.filter((one) => one.event === 'restored-in-all')];
    };
    const all = { section: 'data', restored: 0, there: 0, differs: 0, failed: 0, bytes: 0 };
    expect(await again()).toMatchObject([0, [{ ...all, restored: 3, bytes: expect.any(Number) }]]);
    expect((await stowage('restore', at.config, 'data', '.', '--to', to)).out).toContain('3 files there already');
    writeFileSync(join(to, 'd/a.fits'), 'mine');
    expect(await again()).toMatchObject([1, [{ ...all, there: 2, differs: 1 }]]);
  });

  test('status and rebuild-catalog: exit 0, and they say what there is', async () => {
    const before = await stowageJson('status', at.config);
    expect([before.status, before.events[0]]).toMatchObject([0, { event: 'status', section: 'data', archives: 0 }]);
    await stowage('archive', at.config, 'data');
    const after = await stowageJson('status', at.config, 'data');
    expect(after.events[0]).toMatchObject({ archives: 2, members: 3, neverVerified: 0 });
    rmSync(at.state, { recursive: true });
    const rebuilt = await stowageJson('rebuild-catalog', at.config);
    expect([rebuilt.status, rebuilt.events.find((one) => one.event === 'rebuilt')]).toMatchObject([
      0,
      { archives: 2, adopted: 0, members: 3 },
    ]);
    expect((await stowageJson('status', at.config)).events[0]).toMatchObject({ archives: 2, members: 3 });
  });

  test('a damaged journal is exit 4 with the way out, and that way out works', async () => {
    await stowage('archive', at.config, 'data');
    const [journal] = readdirSync(join(at.state, 'journal/data'));
    const path = join(at.state, 'journal/data', journal!);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"bytes":9', '"bytes":8'));
    for (const name of ['missing', 'archive', 'status']) {
      const { status, err } = await stowage(name, at.config, 'data');
      expect([name, status]).toEqual([name, 4]);
      expect(err).toContain('rebuild-catalog');
    }
    expect((await stowage('rebuild-catalog', at.config)).status).toBe(0);
    expect((await stowage('missing', at.config, 'data')).status).toBe(0);
    expect((await stowage('verify', at.config, '--level', 'read')).status).toBe(0);
  });

  test('a lock of another machine is exit 5 and names the way out; unlock removes it', async () => {
    mkdirSync(join(at.state, 'lock'), { recursive: true });
    const holder = {
      host: `not-${hostname()}`,
      bootId: 'x',
      pid: 1,
      startTime: '1',
      since: '2024-01-01T00:00:00.000Z',
      command: 'archive data',
      id: '0123456789abcdef',
    };
    writeFileSync(join(at.state, 'lock/data.json'), JSON.stringify(holder));
    const before = [...lookAtTree(at.vault)];
    const { status, err } = await stowage('archive', at.config, 'data');
    expect(status).toBe(5);
    expect(err).toContain('unlock');
    expect([...lookAtTree(at.vault)]).toEqual(before);
    expect((await stowage('missing', at.config, 'data')).status).toBe(1);
    expect((await stowage('unlock', at.config, 'data')).status).toBe(0);
    expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  });

  test('--state puts the record elsewhere; one that cannot be written is exit 4 and names --state', async () => {
    const state = join(at.folder, 'else/where');
    expect((await stowage('archive', at.config, 'data', '--state', state)).status).toBe(0);
    expect([existsSync(at.state), existsSync(join(state, 'journal/data'))]).toEqual([false, true]);
    writeFileSync(join(at.folder, 'file'), '');
    const { status, err } = await stowage('archive', at.config, 'data', '--state', join(at.folder, 'file/state'));
    expect(status).toBe(4);
    expect(err).toContain('--state');
  });

  test('what is left of a restore is never archived', async () => {
    plant(at.data, { 'd/.stowage-0123456789abcdef.part': 'half' });
    const { status, events } = await stowageJson('archive', at.config, 'data');
    expect([status, events.filter((one) => one.finding === 'refused').length]).toEqual([1, 1]);
  });

  test('a link is archived as a link, never followed', async () => {
    symlinkSync('/etc/passwd', join(at.data, 'd/link.fits'));
    await stowage('archive', at.config, 'data');
    expect(readFileSync(join(at.vault, 'data/d.tar')).includes('root:')).toBe(false);
    const to = join(at.folder, 'back');
    await stowage('restore', at.config, 'data', 'd/link.fits', '--to', to);
    expect(lookAtTree(to).get('d/link.fits')).toMatchObject({ type: 'link', target: '/etc/passwd' });
  });

  test('the text of every command says something, quiet ones only what is wrong', async () => {
    for (const argv of [
      ['check'],
      ['missing', 'data'],
      ['archive', 'data'],
      ['verify'],
      ['find', 'fits'],
      ['status'],
      ['unlock'],
      ['rebuild-catalog'],
    ] as const) {
      const [name, ...rest] = argv;
      const { out, err } = await stowage(name, at.config, ...rest);
      expect([name, out.length + err.length > 0]).toEqual([name, true]);
      expect(out + err).not.toMatch(/undefined|\[object|NaN/);
    }
    const quiet = await stowage('archive', at.config, 'data', '--quiet');
    expect([quiet.status, quiet.out + quiet.err]).toEqual([0, '']);
  });
});
