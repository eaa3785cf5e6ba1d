import { execFileSync } from 'node:child_process';
import { linkSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { realFiles } from '../../src/durable/real-files.ts';
import { fsPath, nameFromJson } from '../../src/model/byte-name.ts';
import { readListing, writeListing } from '../../src/shards/listing-file.ts';
import { type Place, place, plant, stowage, stowageJson } from '../stowage.ts';

const rules = { raw: { 'raw/([^/]+)/(?:.|\\n)*$': 'raw_\\1.tar' }, cal: { 'cal/.*$': 'cal.tar' } };
const odd = ['raw/n2/%41', 'raw/n2/new\nline', 'raw/n2/"q"', 'raw/n2/-rf', 'raw/n2/odd\udcff', 'raw/n2/A'];
let at: Place;

beforeEach(async () => {
  at = await place(rules);
  plant(at.data, {
    'raw/n1/a.fits': 'abc',
    'raw/n1/sub/b.fits': 'abcdef',
    'raw/n2/x': '',
    'cal/c.fits': 'c'.repeat(2000),
  });
  for (const path of odd) writeFileSync(fsPath(join(at.data, path)), 'x');
  symlinkSync('a.fits', join(at.data, 'raw/n1/link'));
  linkSync(join(at.data, 'raw/n1/a.fits'), join(at.data, 'raw/n1/also'));
  utimesSync(join(at.data, 'cal/c.fits'), 1_577_836_800, 1_577_836_800);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  // The record alone is asked.
  execFileSync('rm', ['-r', at.data, at.vault]);
});

async function paths(...argv: readonly string[]): Promise<readonly string[]> {
  const { events } = await stowageJson(...argv);
  return events.filter(({ path }) => path !== undefined).map((one) => nameFromJson(one as never));
}

describe('find', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['a glob over the last part', ['*.fits'], ['cal/c.fits', 'raw/n1/a.fits', 'raw/n1/sub/b.fits']],
    ['a glob over the path', ['raw/*/*.fits'], ['raw/n1/a.fits']],
    ['a glob over the section and the path', ['data/raw/**.fits'], ['raw/n1/a.fits', 'raw/n1/sub/b.fits']],
    ['a part', ['n1/a'], ['raw/n1/a.fits', 'raw/n1/also']],
    ['a part that begins in the section', ['ata/cal'], ['cal/c.fits']],
    ['a regular expression, anywhere', ['--regex', '[bc]\\.fits$'], ['cal/c.fits', 'raw/n1/sub/b.fits']],
    ['one that begins at the start', ['--regex', '^cal'], ['cal/c.fits']],
    ['one without regard to case', ['--regex', '(?i)A\\.FITS'], ['raw/n1/a.fits']],
    ['a size exactly', ['--size', '2000'], ['cal/c.fits']],
    ['more than a size', ['--size', '+1k'], ['cal/c.fits']],
    ['less than a size', ['--size', '-1', '--archive', 'raw_*'], ['raw/n1/link', 'raw/n2/x']],
    ['no size at all', ['--size', '0', '--archive', 'data/raw_n2.tar'], ['raw/n2/x']],
    ['older', ['--older', '2020-01-02'], ['cal/c.fits']],
    ['older than itself', ['--older', '2020-01-01T00:00:00Z', '*.fits'], []],
    ['at its time', ['--newer', '2020-01-01 01:00:00+01:00', 'cal'], ['cal/c.fits']],
    ['newer', ['--newer', '2020-01-01T00:00:00.000000001Z', '*.fits'], ['raw/n1/a.fits', 'raw/n1/sub/b.fits']],
    ['only the first', ['*.fits', '--limit', '2'], ['cal/c.fits', 'raw/n1/a.fits']],
    ['a name as it is, not as it is escaped', ['%41'], ['raw/n2/%41']],
    ['a byte that is not UTF-8', ['--regex', '\\udcff'], ['raw/n2/odd\udcff']],
    ['a newline', ['new\nline'], ['raw/n2/new\nline']],
  ])('%s', async (_, argv, expected) => {
    expect(await paths('find', at.config, ...argv)).toEqual(expected);
    expect((await stowage('find', at.config, ...argv)).status).toBe(expected.length === 0 ? 1 : 0);
  });

  test.each([
    ['nothing to find', [], '--size'],
    ['a regular expression that is none', ['--regex', '('], "Python's re"],
    ['--regex without one', ['--regex'], '--regex'],
    ['a size that is none', ['--size', 'big'], '500G'],
    ['a date that is none', ['--newer', '2021-02-30'], '2024-01-31'],
    ['a limit that is none', ['x', '--limit', '0'], '--limit 20'],
  ])('%s is exit 2, with a hint', async (_, argv, hint) => {
    const { status, out, err } = await stowage('find', at.config, ...argv);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(hint);
  });

  test('a pattern that would never end is stopped', async () => {
    const { status } = await stowage('find', at.config, '--regex', '(?:[a-z/0-9]+)+\\n$');
    expect([0, 1, 3]).toContain(status);
  });
});

describe('ls', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['a section', [], ['cal/', 'raw/']],
    ['a directory', ['raw/n1'], ['a.fits', 'also', 'link', 'sub/']],
    ['with a slash behind it', ['raw/n1/'], ['a.fits', 'also', 'link', 'sub/']],
    ['one file', ['raw/n1/a.fits'], ['raw/n1/a.fits']],
    ['odd names, in the order of their bytes', ['raw/n2'], ['"q"', '%41', '-rf', 'A', 'new\\nline', 'odd\\xff', 'x']],
    ['all below', ['raw/n1', '--recursive'], ['a.fits', 'also', 'link', 'sub/b.fits']],
  ])('%s', async (_, argv, expected) => {
    const { status, out } = await stowage('ls', at.config, 'data', ...argv);
    expect([status, out.trimEnd().split('\n')]).toEqual([0, expected]);
  });

  test('at length, with size, date and archive', async () => {
    const { out } = await stowage('ls', at.config, 'data', 'cal', '-l');
    expect(out).toMatch(
      /^-rw-r--r-- +2\.0 KiB {2}2020-01-01T00:00:00Z {2}c\.fits {2}in data\/cal\.tar since \d{4}-\S+\n$/,
    );
    const { out: above } = await stowage('ls', at.config, 'data', '-l');
    expect(above).toMatch(/^drwxr-xr-x +2\.0 KiB {2}\S+ {2}cal\/ {2}1 file$/m);
    const { out: link } = await stowage('ls', at.config, 'data', 'raw/n1', '-l');
    expect(link).toMatch(/^l\S+ +0 B {2}\S+ {2}link -> a\.fits {2}in data\/raw_n1\.tar/m);
  });

  test('a section with a blank is one word in what is hinted', async () => {
    const other = await place({ d: {} }, {}, { 'my data': { __exclude__: [], d: { 'd/.*$': 'd.tar' } } });
    plant(join(other.root, 'my data'), { 'd/a': 'x' });
    await stowage('archive', other.config, 'my data');
    for (const command of ['ls', 'du']) {
      expect((await stowage(command, other.config, 'my data', 'none')).err).toContain(
        "stowage ls CONFIG 'my data' shows",
      );
    }
  });

  test('as JSON', async () => {
    const { events } = await stowageJson('ls', at.config, 'data', 'raw/n1');
    expect(events.slice(0, 1)).toMatchObject([
      { event: 'entry', section: 'data', path: 'raw/n1/a.fits', bytes: 3, archive: 'data/raw_n1.tar' },
    ]);
    expect(events.at(-2)).toMatchObject({ event: 'entry', path: 'raw/n1/sub', type: 'directory', files: 1, bytes: 6 });
  });

  test.each([
    ['a path that is not there', ['data', 'raw/n1/a.fit'], 1, "did you mean 'raw/n1/a.fits'?"],
    ['a directory that is not there', ['data', 'nowhere/x'], 1, 'stowage ls CONFIG data'],
    ['a section that is not there', ['dato'], 3, "'data'"],
    ['a path that leads out', ['data', '../x'], 2, 'relative to the section'],
  ])('%s: exit and hint', async (_, argv, expected, hint) => {
    const { status, out, err } = await stowage('ls', at.config, ...argv);
    expect([status, out]).toEqual([expected, '']);
    expect(err).toContain(hint);
  });
});

describe('du', () => {
  const sums = async (...argv: readonly string[]) => {
    const { events } = await stowageJson('du', at.config, 'data', ...argv);
    return events.flatMap((one) => (one.event === 'usage' ? [[one.path, one.files, one.bytes]] : []));
  };

  test('tells directories down to a depth, what is below them included, and the sum last', async () => {
    expect(await sums()).toEqual([
      ['cal', 1, 2000],
      ['raw', 11, 15],
      ['', 12, 2015],
    ]);
    expect(await sums('--depth', '0')).toEqual([['', 12, 2015]]);
    expect(await sums('raw', '--depth', '9')).toEqual([
      ['raw/n1', 4, 9],
      ['raw/n1/sub', 1, 6],
      ['raw/n2', 7, 6],
      ['raw', 11, 15],
    ]);
  });

  test('of a file says that it is one, not that nothing is archived of it', async () => {
    const { status, out, err } = await stowage('du', at.config, 'data', 'cal/c.fits');
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain("stowage: 'cal/c.fits' is no directory");
    expect(err).toContain('hint: stowage ls CONFIG data cal/c.fits --long');
    expect((await stowage('ls', at.config, 'data', 'cal/c.fits', '--long')).status).toBe(0);
  });

  test('in words', async () => {
    const { out, err } = await stowage('du', at.config, 'data', 'cal');
    expect(out).toBe(
      '    2.0 KiB            1 file archived          0 B           0 files not archived or changed  cal\n',
    );
    expect(err).toMatch(/^note {2}data: by the listing of 20\S+Z, made by a scan; what changed since is not in it\n$/);
  });

  test('without a listing, says how to make one and tells the rest', async () => {
    rmSync(join(at.state, 'listing'), { recursive: true });
    const { status, out, err } = await stowage('du', at.config, 'data', 'cal');
    expect([status, out]).toEqual([0, '    2.0 KiB            1 file  cal\n']);
    expect(err).toContain('stowage scan CONFIG data makes one');
    const { events } = await stowageJson('du', at.config, 'data', 'cal');
    expect(events).toEqual([
      { event: 'no-listing', section: 'data' },
      { event: 'usage', section: 'data', path: 'cal', files: 1, bytes: 2000 },
      { event: 'end', status: 0 },
    ]);
  });

  test.each([
    ['nothing there', ['row'], 1],
    ['a depth that is none', ['--depth', 'all'], 2],
  ])('%s', async (_, argv, expected) => {
    expect((await stowage('du', at.config, 'data', ...argv)).status).toBe(expected);
  });

  describe('by a listing of what is on disk', () => {
    const usage = async (...argv: readonly string[]) => {
      const { events, status } = await stowageJson('du', at.config, 'data', ...argv);
      return { status, usages: new Map(events.flatMap((one) => (one.event === 'usage' ? [[one.path, one]] : []))) };
    };
    const none = { files: 0, bytes: 0 };

    test('tells what is as it was archived, what is changed, what is not archived; and what archives still hold', async () => {
      plant(at.data, { 'raw/n1/a.fits': 'abcd', 'raw/n3/new': '12345', 'notes.txt': 'no rule' });
      symlinkSync('elsewhere', join(at.data, 'raw/n1/link'));
      const listed = (await stowageJson('scan', at.config, 'data')).events[0] as unknown as { begun: string };
      // Neither disk nor store is asked.
      execFileSync('rm', ['-r', at.data]);
      const { status, usages } = await usage('--depth', '2');
      expect(status).toBe(0);
      expect(usages.get('raw/n1')).toMatchObject({
        files: 4,
        bytes: 9,
        disk: { files: 2, bytes: 4, same: none, changed: { files: 2, bytes: 4 }, notArchived: none, unseen: 0 },
      });
      expect(usages.get('raw/n3')).toMatchObject({ files: 0, bytes: 0, disk: { notArchived: { files: 1, bytes: 5 } } });
      expect(usages.get('cal')).toMatchObject({ files: 1, disk: none });
      expect(usages.get('')).toMatchObject({ disk: { files: 4, bytes: 16, notArchived: { files: 2, bytes: 12 } } });
      const { out, err } = await stowage('du', at.config, 'data', 'raw/n3');
      expect(out).toBe(
        '        0 B           0 files archived          5 B            1 file not archived or changed  raw/n3\n',
      );
      expect(err).toContain(listed.begun);
    });

    test('a listing of disks that are not those of the section any more is none', async () => {
      const other = join(at.folder, 'other/data');
      plant(other, { 'cal/x': '' });
      const configured = JSON.parse(readFileSync(at.config, 'utf8'));
      configured.__config__.physical_disks = ['other'];
      writeFileSync(at.config, JSON.stringify(configured));
      plant(at.data, { 'cal/y': '' });
      await stowage('scan', at.config, 'data');
      expect((await usage('cal')).usages.get('cal')).toMatchObject({ disk: { files: 2 } });
      configured.__config__.physical_disks = [];
      writeFileSync(at.config, JSON.stringify(configured));
      expect((await usage('cal')).usages.get('cal')).not.toHaveProperty('disk');
    });

    test('places that the scan could not look at are exit 4', async () => {
      const listing = await readListing(
        join(at.state, 'listing/data', readdirSync(join(at.state, 'listing/data'))[0]!),
      );
      const { folder, shards } = listing!;
      const path = join(folder, shards[0]!.name);
      const content = Buffer.concat([readFileSync(path), Buffer.from('raw/n2,0,D,,,,,,,,permission denied\n')]);
      writeFileSync(path, content);
      const changed = { ...shards[0]!, rows: shards[0]!.rows + 1, bytes: content.length, crc32: crc32(content) };
      rmSync(join(folder, 'listing.json'));
      await writeListing(realFiles, { ...listing!, unseen: 1, shards: [changed] });
      expect((await usage('cal')).status).toBe(0);
      const { status, usages } = await usage('raw');
      expect([status, usages.get('raw/n2')]).toMatchObject([4, { disk: { unseen: 1 } }]);
      expect((await stowage('du', at.config, 'data', 'raw')).out).toMatch(/ raw\/n2 {2}1 place not looked at$/m);
    });
  });
});
