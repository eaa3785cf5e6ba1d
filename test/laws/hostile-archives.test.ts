import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { journalLine } from '../../src/catalog/journal-line.ts';
import { hostileTars, rawTar } from '../hostile-tars.ts';
import { type Place, place, plant, stowageJson } from '../stowage.ts';
import { lookAtTree } from '../tree.ts';

const rules = { d: { 'd/.*$': 'd.tar' } };

let at: Place;
let outside: string;

beforeEach(async () => {
  at = await place(rules);
  outside = join(at.folder, 'outside');
  plant(outside, { 'victim/file': 'untouched' });
});

/** The whole folder but for where restored things may be. */
function aroundOf(to: string): unknown {
  return [...lookAtTree(at.folder)].filter(
    ([path]) => !join(at.folder, path).startsWith(to) && !path.startsWith('.stowage'),
  );
}

describe.each(hostileTars)('an adopted archive with %s', (_, members, fine) => {
  test.each(['to another place', 'to the original place', 'over what is there'])('%s', async (where) => {
    plant(at.vault, { 'data/d.tar': rawTar(members('d', outside)) });
    plant(at.data, { 'd/': '' });
    if (where === 'over what is there') plant(at.data, { 'd/ok': 'old' });
    const to = where === 'to another place' ? join(at.folder, 'back') : at.data;
    await stowageJson('archive', at.config, 'data');
    const vault = readFileSync(join(at.vault, 'data/d.tar'));
    const before = aroundOf(to);
    const options = where === 'to another place' ? ['--to', to] : where === 'over what is there' ? ['--overwrite'] : [];
    const { status, out } = await stowageJson('restore', at.config, 'data', '.', ...options);
    expect([1, 4], out).toContain(status);
    expect(aroundOf(to)).toEqual(before);
    const { events } = await stowageJson('find', at.config, '**');
    const listed = events.filter((one) => one.event === 'found').map((one) => String(one.path));
    expect(listed.filter((path) => path.startsWith('/') || path.split('/').includes('..'))).toEqual([]);
    expect(listed).toContain('d/ok');
    expect(readFileSync(join(outside, 'victim/file'), 'utf8')).toBe('untouched');
    if (where !== 'over what is there')
      for (const name of fine) expect(existsSync(join(to, 'd', name)), name).toBe(true);
    expect(readFileSync(join(at.vault, 'data/d.tar')).equals(vault)).toBe(true);
  });
});

test('a name that stands twice: the last one counts, and verify agrees', async () => {
  plant(at.data, { 'd/': '' });
  plant(at.vault, {
    'data/d.tar': rawTar([
      { name: 'd/a', content: 'first' },
      { name: 'd/b', content: 'b' },
      { name: 'd/a', content: 'second!' },
    ]),
  });
  expect((await stowageJson('archive', at.config, 'data')).status).toBe(0);
  for (const level of ['index', 'read'])
    expect((await stowageJson('verify', at.config, 'data', '--level', level)).status, level).toBe(0);
  const to = join(at.folder, 'back');
  expect((await stowageJson('restore', at.config, 'data', '.', '--to', to)).status).toBe(0);
  expect(readFileSync(join(to, 'd/a'), 'utf8')).toBe('second!');
});

test('further names over several steps, and of a link, come back as what they are', async () => {
  const members = [
    { name: 'd/file', content: 'shared' },
    { name: 'd/one', flag: '1', link: 'd/file' },
    { name: 'd/two', flag: '1', link: 'd/one' },
    { name: 'd/link', flag: '2', link: 'file' },
    { name: 'd/same-link', flag: '1', link: 'd/link' },
  ];
  plant(at.data, { 'd/': '' });
  plant(at.vault, { 'data/d.tar': rawTar(members) });
  await stowageJson('archive', at.config, 'data');
  const to = join(at.folder, 'back');
  expect((await stowageJson('restore', at.config, 'data', '.', '--to', to)).status).toBe(0);
  expect(statSync(join(to, 'd/two')).ino).toBe(statSync(join(to, 'd/file')).ino);
  expect(readlinkSync(join(to, 'd/same-link'))).toBe('file');
  // And into a replacement.
  plant(at.data, { 'd/new': 'new' });
  expect((await stowageJson('archive', at.config, 'data')).status).toBe(0);
  const again = join(at.folder, 'again');
  expect((await stowageJson('restore', at.config, 'data', '.', '--to', again)).status).toBe(0);
  expect(readFileSync(join(again, 'd/two'), 'utf8')).toBe('shared');
  expect(readlinkSync(join(again, 'd/same-link'))).toBe('file');
});

test.each([
  ['a pax header of 64 MiB', Buffer.concat([rawTar([{ name: 'x', flag: 'x', content: 'x'.repeat(64 << 20) }])])],
  [
    'a pax header whose records do not add up',
    rawTar([
      { name: 'x', flag: 'x', content: '99 path=a\n' },
      { name: 'd/a', content: '1' },
    ]),
  ],
  [
    'a size past the end',
    (() => {
      const tar = rawTar([{ name: 'd/a', content: 'x' }]);
      tar.write('77777777777', 124, 'latin1');
      return tar;
    })(),
  ],
  ['nothing at all', Buffer.alloc(0)],
])('an archive with %s is told and left alone', async (_, bytes) => {
  plant(at.data, { 'd/a': 'one' });
  plant(at.vault, { 'data/d.tar': bytes });
  const { status, events } = await stowageJson('archive', at.config, 'data');
  expect([status, events.filter((one) => one.finding === 'withheld').length]).toEqual([1, 1]);
  expect(readFileSync(join(at.vault, 'data/d.tar')).equals(bytes)).toBe(true);
});

test('an archive that was swapped for a hostile one of the same size and time gives nothing', async () => {
  plant(at.data, { 'd/a': 'content a', 'd/sub/b': 'content b' });
  await stowageJson('archive', at.config, 'data');
  const vault = join(at.vault, 'data/d.tar');
  const copy = join(at.folder, 'copy.tar');
  execFileSync('cp', ['-p', vault, copy]);
  const evil = rawTar([
    { name: 'd/a', flag: '2', link: outside },
    { name: 'd/sub', flag: '2', link: join(outside, 'victim') },
    { name: 'd/sub/file', content: 'X' },
  ]);
  const bytes = Buffer.alloc(readFileSync(vault).length);
  evil.copy(bytes, 0, 0, Math.min(evil.length, bytes.length));
  writeFileSync(vault, bytes);
  execFileSync('touch', ['-r', copy, vault]);
  const to = join(at.folder, 'back');
  const { status, events } = await stowageJson('restore', at.config, 'data', '.', '--to', to);
  expect(status).toBe(1);
  expect(events.filter((one) => one.event === 'restored').map((one) => one.outcome)).toEqual(['failed', 'failed']);
  expect([...lookAtTree(to)].filter(([, { type }]) => type !== 'directory')).toEqual([]);
  expect(readFileSync(join(outside, 'victim/file'), 'utf8')).toBe('untouched');
});

test.each([[], ['--overwrite']])(
  'a link to a directory that already lies in the target is not followed %j',
  async (...options) => {
    plant(at.data, { 'd/sub/file': 'new' });
    await stowageJson('archive', at.config, 'data');
    const to = join(at.folder, 'back');
    mkdirSync(join(to, 'd'), { recursive: true });
    symlinkSync(join(outside, 'victim'), join(to, 'd/sub'));
    const { status, events } = await stowageJson('restore', at.config, 'data', '.', '--to', to, ...options);
    expect(status).not.toBe(0);
    expect(events.find((one) => one.event === 'restored')?.outcome).toBe('failed');
    expect(readFileSync(join(outside, 'victim/file'), 'utf8')).toBe('untouched');
    expect(lstatSync(join(to, 'd/sub')).isSymbolicLink()).toBe(true);
  },
);

test('what is there is left alone unless told: a file, a link, a folder', async () => {
  plant(at.data, { 'd/file': 'archived', 'd/other': 'archived', 'd/third': 'archived', 'd/same': 'same' });
  await stowageJson('archive', at.config, 'data');
  const to = join(at.folder, 'back');
  plant(to, { 'd/file': 'mine', 'd/third/in': 'mine', 'd/same': 'same' });
  symlinkSync(join(outside, 'victim/file'), join(to, 'd/other'));
  utimesSync(join(to, 'd/same'), 1, 1);
  const first = await stowageJson('restore', at.config, 'data', '.', '--to', to);
  expect(first.status).toBe(1);
  const outcomes = (events: typeof first.events) =>
    Object.fromEntries(events.filter((one) => one.event === 'restored').map((one) => [one.path, one.outcome]));
  expect(outcomes(first.events)).toEqual({
    'd/file': 'differs',
    'd/other': 'differs',
    'd/third': 'differs',
    'd/same': 'there',
  });
  expect(readFileSync(join(to, 'd/file'), 'utf8')).toBe('mine');
  const second = await stowageJson('restore', at.config, 'data', '.', '--to', to, '--overwrite');
  expect(second.status).toBe(1);
  expect(outcomes(second.events)).toEqual({
    'd/file': 'restored',
    'd/other': 'restored',
    'd/third': 'failed',
    'd/same': 'there',
  });
  expect(readFileSync(join(to, 'd/file'), 'utf8')).toBe('archived');
  expect(lstatSync(join(to, 'd/other')).isFile()).toBe(true);
  expect(readFileSync(join(outside, 'victim/file'), 'utf8')).toBe('untouched');
  expect(readFileSync(join(to, 'd/third/in'), 'utf8')).toBe('mine');
});

test('files of a physical disk that is hung in by a link go back onto that disk', async () => {
  const hung = await place(rules, { physical_disks: ['tree', 'disk1'] });
  const disk = join(hung.folder, 'disk1/data');
  plant(disk, { 'd/on-disk/file': 'there' });
  plant(hung.data, { 'd/here': 'here' });
  symlinkSync(join(disk, 'd/on-disk'), join(hung.data, 'd/on-disk'));
  const done = await stowageJson('archive', hung.config, 'data');
  expect([done.status, done.out]).toEqual([0, expect.stringContaining('"members":2')]);
  unlinkSync(join(disk, 'd/on-disk/file'));
  const { status } = await stowageJson('restore', hung.config, 'data', 'd/on-disk/file');
  expect(status).toBe(0);
  expect(readFileSync(join(disk, 'd/on-disk/file'), 'utf8')).toBe('there');
  expect(lstatSync(join(hung.data, 'd/on-disk')).isSymbolicLink()).toBe(true);
});

describe('an archive that GNU tar made', () => {
  test.each([
    ['relative to the section', 'd.tar', { d: { 'd/.*$': 'd.tar' } }, '.', ['d/a', 'd/sub/b']],
    ['with a leading ./', 'd.tar', { d: { 'd/.*$': 'd.tar' } }, '.', ['./d/a', './d/sub/b']],
    ['a whole directory', 'd.tar', { d: { 'd/.*$': 'd.tar' } }, '.', ['d']],
    ["relative to the archive's own folder", 'd/x.tar', { d: { 'd/.*$': 'd/x.tar' } }, 'd', ['a', 'sub/b']],
  ] as const)('is adopted, not made again, and its files come back: %s', async (_, name, own, from, what) => {
    const gnu = await place(own);
    plant(gnu.data, { 'd/a': 'content a', 'd/sub/b': 'content b' });
    mkdirSync(join(gnu.vault, 'data/d'), { recursive: true });
    const archive = join(gnu.vault, 'data', name);
    execFileSync('tar', ['-C', join(gnu.data, from), '-cf', archive, ...what]);
    const before = readFileSync(archive);
    for (const _again of [1, 2]) {
      const { status, events } = await stowageJson('archive', gnu.config, 'data');
      expect([status, events.filter((one) => one.event === 'stored' || one.event === 'due')]).toEqual([0, []]);
    }
    expect(readFileSync(archive).equals(before)).toBe(true);
    const to = join(gnu.folder, 'back');
    expect((await stowageJson('restore', gnu.config, 'data', '.', '--to', to)).status).toBe(0);
    expect(readFileSync(join(to, 'd/sub/b'), 'utf8')).toBe('content b');
    expect((await stowageJson('find', gnu.config, 'd/a')).status).toBe(0);
    expect((await stowageJson('verify', gnu.config, '--level', 'read')).status).toBe(0);
  });
});

test.each(['../outside/victim/file', '@/outside/new', 'd/../../outside/victim/file', 'd/a/../../x', 'd//x', ''])(
  'a journal in the vault that names %j leads nowhere',
  async (named) => {
    const path = named.replace('@', at.folder);
    plant(at.data, { 'd/a': 'content a' });
    await stowageJson('archive', at.config, 'data');
    const [name] = readdirSync(join(at.vault, '.stowage')).filter((one) => one.endsWith('.jsonl'));
    const copy = join(at.vault, '.stowage', name!);
    const lines = readFileSync(copy, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const changed = lines.map((line) => {
      const { crc: _, ...record } = JSON.parse(line);
      return journalLine(record.kind === 'member' && record.path === 'd/a' ? { ...record, path } : record);
    });
    writeFileSync(copy, changed.join(''));
    rmSync(at.state, { recursive: true });
    await stowageJson('rebuild-catalog', at.config);
    for (const options of [['--to', join(at.folder, 'back')], [], ['--overwrite']]) {
      const to = options[0] === '--to' ? join(at.folder, 'back') : at.data;
      const [around, names] = [aroundOf(to), [...lookAtTree(at.data).keys()]];
      const { status } = await stowageJson('restore', at.config, 'data', '.', ...options);
      expect(status).not.toBe(0);
      expect(aroundOf(to)).toEqual(around);
      expect([...lookAtTree(at.data).keys()]).toEqual(names);
    }
  },
);
