import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fsPath, nameFromBytes } from '../../src/model/byte-name.ts';
import { readListing } from '../../src/shards/listing-file.ts';
import { listingRows } from '../../src/shards/listing-rows.ts';
import { type Place, place, plant, stowage, stowageJson } from '../stowage.ts';

const rules = { d: { 'd/(?s:.*)$': 'd.tar' } };
const printf = '%P\\0%s\\0%T@\\0%m\\0%y\\0%l\\0';
let at: Place;
let list: string;

beforeEach(async () => {
  at = await place(rules);
  plant(at.data, { 'd/a.fits': 'content a', 'd/b,"% .fits': 'content b', 'd/new\nline': '', 'd/-rf': 'x' });
  writeFileSync(fsPath(`${at.data}/d/\udcff`), 'not UTF-8');
  mkdirSync(join(at.data, 'd/hollow'));
  symlinkSync('a.fits', join(at.data, 'd/link'));
  linkSync(join(at.data, 'd/-rf'), join(at.data, 'd/twin'));
  execFileSync('touch', ['-h', '-d', '@-1.5', join(at.data, 'd/link')]);
  list = join(at.folder, 'list');
});

function foundBy(...args: readonly string[]): Buffer {
  return execFileSync('find', [at.data, ...args, '-printf', printf]);
}

/** A line of a policy's list for what is on disk, as ESCAPE '%' writes it. */
function policyLine(path: string, size?: number): string {
  const full = path === '' ? at.data : `${at.data}/${path}`;
  const stats = lstatSync(fsPath(full), { bigint: true });
  const mode = execFileSync('stat', ['-c', '%A', '--', fsPath(full) as string])
    .toString()
    .trim();
  const time = execFileSync('date', ['-u', '-r', full, '+%Y-%m-%d %H:%M:%S.%N']).toString().trim();
  const shown = `${size ?? stats.size} ${mode} ${stats.uid} ${stats.gid} ${time.slice(0, -3)}`;
  const encoded = (text: string) =>
    text.replace(/[^A-Za-z0-9\-_.~/]/g, (one) => `%${Buffer.from(one).toString('hex')}`);
  return `${stats.ino} 77 0  ${encoded(shown)} -- ${encoded(full)}\n`;
}

async function rows(): Promise<readonly object[]> {
  const above = join(at.state, 'listing/data');
  const listing = (await readListing(join(above, readdirSync(above)[0]!)))!;
  return [...listingRows(listing)].sort((a, b) => (`${a.path}${'kind' in a}` < `${b.path}${'kind' in b}` ? -1 : 1));
}

describe('a list of find', () => {
  test('holds what a scan finds, but for owners and shared files, and is labelled', async () => {
    expect((await stowage('scan', at.config, 'data')).status).toBe(0);
    const scanned = (await rows()).map((row) => {
      const { sharedFile: _, ...rest } = row as { sharedFile?: string };
      return 'type' in row ? { ...rest, uid: -1, gid: -1 } : rest;
    });
    writeFileSync(list, foundBy());
    const taken = await stowageJson('scan', at.config, 'data', '--from', list);
    expect(taken.status).toBe(0);
    expect(await rows()).toEqual(scanned);
    expect(taken.events).toMatchObject([
      { event: 'list-checked', source: 'find', looked: 9, differing: 0, outside: 0 },
      { event: 'scanned', source: 'find', counts: { file: 6, link: 1, directory: 2 } },
      { event: 'end' },
    ]);
    const { err } = await stowage('missing', at.config, 'data', '--listing', 'latest');
    expect(err).toContain('made by find');
  });

  test('an archive that is made by it has owners, hard links and content as they are on disk', async () => {
    writeFileSync(list, foundBy());
    await stowage('scan', at.config, 'data', '--from', list);
    plant(at.data, { 'd/a.fits': 'content that is newer' });
    expect((await stowage('archive', at.config, 'data', '--listing', 'latest')).status).toBe(0);
    const now = await stowageJson('missing', at.config, 'data');
    expect([now.status, now.events.filter((one) => one.event === 'due' || one.finding === 'attributes')]).toEqual([
      0,
      [],
    ]);
    const journal = join(at.state, 'journal/data');
    const text = readFileSync(join(journal, readdirSync(journal)[0]!), 'utf8');
    expect(text).toContain('"hardLink"');
    expect(text).not.toContain('"uid":-1');
    // And the list does not know owners: that is no difference.
    const by = await stowageJson('missing', at.config, 'data', '--listing', 'latest');
    expect(by.events.filter((one) => one.finding === 'attributes')).toEqual([]);
  });

  test('what is not on disk as the list says is told; if that is most of it, the list is refused', async () => {
    writeFileSync(list, foundBy());
    rmSync(join(at.data, 'd/-rf'));
    plant(at.data, { 'd/a.fits': 'longer than it was' });
    const some = await stowageJson('scan', at.config, 'data', '--from', list);
    const told = some.events.filter((one) => one.event === 'list-differs').map((one) => [one.path, one.what]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['d/-rf', 'gone'],
        ['d/a.fits', 'size'],
      ]),
    );
    expect(some.status).toBe(1);
    rmSync(join(at.data, 'd'), { recursive: true });
    const most = await stowage('scan', at.config, 'data', '--from', list);
    expect([most.status, most.err]).toEqual([3, expect.stringContaining('not on disk as the list says')]);
  });

  const good = ['d/a.fits', '9', '1.5', '644', 'f', ''];
  const entry = (...fields: readonly string[]) => fields.map((one) => `${one}\0`).join('');
  test.each([
    ['nothing', '', 'is empty'],
    ['half an entry', entry(...good).slice(0, -3), 'in the middle of entry'],
    ['a field too few', entry(...good.slice(1)), 'in the middle of entry'],
    ['a field too many', entry(...good, 'x'), 'in the middle of entry'],
    ['a path upwards', entry('d/../../x', ...good.slice(1)), "a part '..'"],
    ['an absolute path', entry('/etc/passwd', ...good.slice(1)), 'absolute'],
    ['a path with an empty part', entry('d//x', ...good.slice(1)), 'empty'],
    ['no path', entry('', ...good.slice(1)), 'the path is empty'],
    ['an unknown type', entry('d/a', '9', '1.5', '644', 'U', ''), 'no type'],
    ['a size that is none', entry('d/a', '9x', '1.5', '644', 'f', ''), 'no size'],
    ['a negative size', entry('d/a', '-9', '1.5', '644', 'f', ''), 'no size'],
    ['a time that is none', entry('d/a', '9', 'now', '644', 'f', ''), 'no time'],
    ['a mode that is none', entry('d/a', '9', '1.5', '999', 'f', ''), 'no mode'],
    ['a file with a target', entry('d/a', '9', '1.5', '644', 'f', 'x'), 'target'],
    ['a link without one', entry('d/a', '9', '1.5', '777', 'l', ''), 'target'],
    ['a path twice', entry(...good) + entry('d/b', ...good.slice(1)) + entry(...good), 'more than once'],
    ['neither', 'hello\n', 'no line of a policy list'],
  ])('with %s is refused, and leaves no listing', async (_, text, told) => {
    writeFileSync(list, text);
    const run = await stowage('scan', at.config, 'data', '--from', list);
    expect([run.status, run.err]).toEqual([4, expect.stringContaining(told)]);
    expect(readdirSync(join(at.state, 'listing/data'))).toEqual([]);
  });

  test('that cannot be read is exit 4', async () => {
    for (const path of [join(at.folder, 'none'), at.folder]) {
      const run = await stowage('scan', at.config, 'data', '--from', path);
      expect([run.status, run.err]).toEqual([4, expect.stringContaining('cannot read the list')]);
    }
  });
});

describe('a list of a GPFS policy', () => {
  test('holds what a scan finds, but for times below the microsecond; what lies elsewhere is left out', async () => {
    const paths = readdirSync(join(at.data, 'd'), 'buffer')
      .map(nameFromBytes)
      .filter((name) => name !== '\udcff' && name !== 'link');
    const text = ['', 'd', ...paths.map((name) => `d/${name}`)].map((path) => policyLine(path)).join('');
    writeFileSync(list, `${text}1 1 0  5 -rw-r--r-- 0 0 2024-01-02 03:04:05.5 -- ${at.data}2/other\n`);
    const taken = await stowageJson('scan', at.config, 'data', '--from', list);
    expect(taken.events).toMatchObject([
      { event: 'list-checked', source: 'gpfs', looked: paths.length + 1, differing: 0, outside: 1 },
      { event: 'scanned', source: 'gpfs', counts: { file: 5, directory: 2 } },
      { event: 'end', status: 0 },
    ]);
    expect(await rows()).toContainEqual({ path: 'd/hollow', disk: at.data, kind: 'empty' });
    expect(await rows()).toContainEqual(expect.objectContaining({ path: 'd/new\nline', uid: lstatSync(at.data).uid }));
  });

  test.each([
    ['a line that is cut off', (line: string) => line.slice(0, -1), 'in the middle of line'],
    ['no attributes', (line: string) => line.replace(/ {2}.* -- /, '  -- '), 'does not show size'],
    ['a path upwards', (line: string) => line.replace('d/a.fits', 'd/../../x'), "a part '..'"],
    ['a bad escape', (line: string) => line.replace('a.fits', 'a%4'), 'two hex digits'],
    ['a date that is none', (line: string) => line.replace(/\d{4}-\d\d/, '2024-99'), 'no time'],
  ])('with %s is refused', async (_, change, told) => {
    writeFileSync(list, change(policyLine('d/a.fits')));
    const run = await stowage('scan', at.config, 'data', '--from', list);
    expect([run.status, run.err]).toEqual([4, expect.stringContaining(told)]);
  });
});
