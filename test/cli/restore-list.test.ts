import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fsPath, nameFromBytes, nameToBytes } from '../../src/model/byte-name.ts';
import { isWithin } from '../../src/model/relative-path.ts';
import { builtCli } from '../built-cli.ts';
import { type Place, place, plant, stowage } from '../stowage.ts';

const odd = ['raw/%41', 'raw/new\nline', 'raw/"q"', 'raw/-rf', 'raw/odd\udcff', 'raw/ b ', 'raw/\udcc3', 'raw/日本'];
let at: Place;
let back: string;

beforeEach(async () => {
  at = await place({ raw: { 'raw/(?:.|\\n)*$': 'raw.tar' }, cal: { 'cal/(.).*$': 'cal_\\1.tar' } });
  plant(at.data, { 'raw/a': 'a', 'raw/sub/b': 'b', 'cal/c1': 'c', 'cal/d1': 'd' });
  for (const path of odd) writeFileSync(fsPath(join(at.data, path)), path);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  back = join(at.folder, 'back');
});

function list(bytes: Uint8Array | string): string {
  const path = join(at.folder, 'list');
  writeFileSync(path, bytes);
  return path;
}

/** The files below the folder, sorted. */
function filesIn(folder: string, below = ''): readonly string[] {
  const entries = readdirSync(fsPath(join(folder, below)), { withFileTypes: true, encoding: 'buffer' });
  return entries
    .flatMap((entry) => {
      const path = below === '' ? nameFromBytes(entry.name) : `${below}/${nameFromBytes(entry.name)}`;
      return entry.isDirectory() ? filesIn(folder, path) : [path];
    })
    .sort();
}

describe('restore --files-from', () => {
  const nul = (paths: readonly string[]): Buffer =>
    Buffer.concat(paths.flatMap((path) => [nameToBytes(path), Buffer.from([0])]));

  test.each<[string, Uint8Array | string, readonly string[]]>([
    ['one path a line', 'raw/a\ncal/c1\n', ['cal/c1', 'raw/a']],
    ['a last line without an end, and empty lines', 'raw/a\n\n\ncal/c1', ['cal/c1', 'raw/a']],
    ['a path as restore takes it elsewhere', './raw/a\nraw/sub/\n', ['raw/a', 'raw/sub/b']],
    ['a directory', 'raw/sub\n', ['raw/sub/b']],
    ['bytes that are not UTF-8, in lines', nameToBytes('raw/odd\udcff\n'), ['raw/odd\udcff']],
    ['every odd name, ended by NULs', nul(odd), [...odd].sort()],
    ['one path, ended by a NUL', nul(['raw/new\nline']), ['raw/new\nline']],
    ['a path twice', 'raw/a\nraw/a\n', ['raw/a']],
  ])('%s', async (_, bytes, expected) => {
    const { status, err } = await stowage(...['restore', at.config, 'data', '--files-from', list(bytes), '--to', back]);
    expect([status, err]).toEqual([0, '']);
    expect(filesIn(back)).toEqual(expected);
    for (const path of expected.filter((one) => odd.includes(one)))
      expect(nameFromBytes(readFileSync(fsPath(join(back, path))))).toBe(path.replace(/[\udc80-\udcff]/g, '\ufffd'));
  });

  test('paths of the list and of the command line together', async () => {
    const { status } = await stowage(
      ...['restore', at.config, 'data', 'cal/d1', '--files-from', list('raw/a\n'), '--to', back],
    );
    expect(status).toBe(0);
    expect(filesIn(back)).toEqual(['cal/d1', 'raw/a']);
  });

  test('as many paths as there are', async () => {
    const files = Array.from({ length: 3000 }, (_, index) => `cal/${index % 10}-${index}`);
    plant(at.data, Object.fromEntries(files.map((path) => [path, path])));
    expect((await stowage('archive', at.config, 'data')).status).toBe(0);
    const wanted = files.filter((_, index) => index % 2 === 0);
    const { status } = await stowage(
      ...['restore', at.config, 'data', '--files-from', list(nul(wanted)), '--to', back],
    );
    expect(status).toBe(0);
    expect(filesIn(back)).toEqual([...wanted].sort());
  });

  test.each<[string, Uint8Array | string | undefined, number, RegExp]>([
    ['one that is cut off', Buffer.from('raw/a\0raw'), 4, /cut off(?:.|\n)*nothing was restored/],
    ['an empty one', '', 2, /names nothing/],
    ['one of empty lines', '\n\n', 2, /names nothing/],
    ['one that is not there', undefined, 4, /cannot read the list '.*none'/],
    ['a path out of the section', 'raw/a\n../x\n', 2, /'\.\.\/x' is not a path of the section/],
  ])('%s: an error, and nothing is restored', async (_, bytes, status, message) => {
    const from = bytes === undefined ? join(at.folder, 'none') : list(bytes);
    const ran = await stowage('restore', at.config, 'data', '--files-from', from, '--to', back);
    expect([ran.status, ran.err]).toEqual([status, expect.stringMatching(message)]);
    expect(existsSync(back)).toBe(false);
  });

  test('a path that no archive holds is told, and the others are restored', async () => {
    const ran = await stowage('restore', at.config, 'data', '--files-from', list('raw/nowhere\nraw/a\n'), '--to', back);
    expect([ran.status, ran.err]).toEqual([1, expect.stringContaining('raw/nowhere')]);
    expect(filesIn(back)).toEqual(['raw/a']);
  });
});

test('neither paths nor a list', async () => {
  const ran = await stowage('restore', at.config, 'data');
  expect([ran.status, ran.err]).toEqual([
    2,
    expect.stringMatching(/nothing says what to restore(?:.|\n)*--files-from/),
  ]);
});

describe('find -0', () => {
  test('what it finds is restored by a pipe, whatever the names are', async () => {
    const main = builtCli();
    const find = spawn(process.execPath, [main, 'find', at.config, '--section', 'data', 'raw/', '-0']);
    mkdirSync(back);
    const restoring = [main, 'restore', at.config, 'data', '--files-from', '-', '--to', back];
    const restore = spawn(process.execPath, restoring, { stdio: ['pipe', 'ignore', 'inherit'] });
    find.stdout.pipe(restore.stdin!);
    const ends = await Promise.all([once(find, 'close'), once(restore, 'close')]);
    expect(ends.map(([status]) => status)).toEqual([0, 0]);
    expect(filesIn(back)).toEqual(filesIn(at.data).filter((path) => isWithin(path, 'raw')));
  });

  test('a path that several archives hold is written once', async () => {
    const text = readFileSync(at.config, 'utf8').replace(
      '"cal/(.).*$":"cal_\\\\1.tar"',
      '"cal/(.).*$":"new_\\\\1.tar"',
    );
    writeFileSync(at.config, text);
    expect((await stowage('archive', at.config, 'data')).status).toBe(0);
    expect((await stowage('find', at.config, 'cal/c1')).out.match(/cal\/c1/g)).toHaveLength(2);
    expect((await stowage('find', at.config, 'cal/*', '--section', 'data', '-0')).out).toBe('cal/c1\0cal/d1\0');
  });

  test.each([
    ['without a section', [], /needs --section/],
    ['with other configurations', ['--section', 'data', '--also', 'x.json'], /--also exclude/],
    ['with --json', ['--section', 'data', '--json'], /--json exclude/],
  ])('%s: refused', async (_, more, message) => {
    const ran = await stowage('find', at.config, 'raw', '-0', ...more);
    expect([ran.status, ran.err]).toEqual([2, expect.stringMatching(message)]);
  });

  test('finding nothing writes nothing, and is exit 1', async () => {
    const ran = await stowage('find', at.config, 'nowhere', '--section', 'data', '--print0');
    expect([ran.status, ran.out]).toEqual([1, '']);
  });
});
