import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TestSystem, testSystem } from '../test-system.ts';

/** /home/p/data with the specification's own directory and link, and a file. */
async function listed(): Promise<TestSystem> {
  const system = await testSystem({ user: 'bw', group: 'desi' });
  const data = join(system.folder, 'files/home/p/data');
  mkdirSync(join(data, 'cosmo'), { recursive: true, mode: 0o755 });
  symlinkSync('cosmo', join(data, 'lnk'));
  writeFileSync(join(data, 'n,m'), 'x'.repeat(512), { mode: 0o644 });
  writeFileSync(join(data, '.hidden'), '');
  for (const name of ['cosmo', 'n,m', '.hidden']) utimesSync(join(data, name), 1408769076, 1408769076);
  await system.hsi('-q', 'chmod 2755 /home/p/data/cosmo');
  return system;
}

const lines = (text: string) => text.split('\n').slice(0, -1);

test('1, ls -Da: a heading, then long lines with the full date in the site zone; a link has its mark and its target', async () => {
  const { hsi } = await listed();
  const { err, status } = await hsi('-q', 'ls -Da /home/p/data');
  expect(status).toBe(0);
  const now = 'Fri Aug 22 21:44:36 2014';
  const [head, hidden, cosmo, link, file, ...rest] = lines(err);
  expect(head).toBe('/home/p/data:');
  expect(hidden).toMatch(new RegExp(`^-rw-r--r-- {4}1 bw {8}desi {14}0 ${now} \\.hidden$`));
  expect(cosmo).toBe(`drwxr-sr-x    2 bw        desi            512 ${now} cosmo`);
  expect(link).toMatch(/^lrwxrwxrwx {4}1 bw {8}desi {14}5 \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} lnk@ -> cosmo$/);
  expect(file).toBe(`-rw-r--r--    1 bw        desi            512 ${now} n,m`);
  expect(rest).toEqual([]);
});

test('1, ls -Dd: the object itself, under the name that was asked for', async () => {
  const { hsi } = await listed();
  expect((await hsi('-q', 'ls -Dd /home/p/data/cosmo')).err).toMatch(/^drwxr-sr-x .* 2014 \/home\/p\/data\/cosmo\n$/);
  expect((await hsi('-q', 'ls -Dd /home/p/data/lnk')).err).toMatch(/^l.* \/home\/p\/data\/lnk@ -> cosmo\n$/);
});

test('1, ls -1: bare names, full paths if asked by path', async () => {
  const { hsi } = await listed();
  expect((await hsi('-q', 'cd /home/p/data; ls -1')).err).toBe('cosmo\nlnk\nn,m\n');
  expect((await hsi('-q', 'ls -1 /home/p/data')).err).toBe('/home/p/data/cosmo\n/home/p/data/lnk\n/home/p/data/n,m\n');
});

test('1, ls -l: a short date', async () => {
  const { hsi } = await listed();
  expect(lines((await hsi('-q', 'ls -l /home/p/data')).err)[1]).toMatch(/ 512 Aug 22 21:44 cosmo$/);
});

test('1, ls -U: class of service, account and place for a file; a directory lacks two of them', async () => {
  const { hsi, plant } = await testSystem({ user: 'hayashis', group: 'hpss', uid: 740536 });
  plant({ f: 'x'.repeat(700) });
  await hsi('-q', 'mkdir -m 700 isos; mkdir -m 700 isos/subdir; put -M 600 f : isos/f');
  expect((await hsi('-q', 'ls -U isos')).err).toBe(
    '-rw-------    1 hayashis  hpss       5081       740536 DISK           700 Aug 22 21:44 isos/f\n' +
      'drwx------    2 hayashis  hpss                  740536                512 Aug 22 21:44 isos/subdir\n'.replace(
        'Aug 22 21:44',
        shortDate(await hsi('-q', 'ls -l isos')),
      ),
  );
  await hsi('-q', 'purge isos/f');
  expect((await hsi('-q', 'ls -lUD isos/f')).err).toContain(' TAPE           700 Fri Aug 22 21:44:36 2014 isos/f\n');
});

test('1, ls -P: fields between tabs, padded with blanks', async () => {
  const { hsi, plant } = await testSystem();
  plant({ 'some file': 'x'.repeat(111670), empty: '' });
  await hsi('-q', 'mkdir h; put "some file" : "h/some file"; put empty : h/empty; mkdir h/sub');
  const found = lines((await hsi('-q', 'ls -P h')).err).map((line) => line.split('\t').map((field) => field.trim()));
  const times = ['08/22/2014', '21:44:36', '08/22/2014', '21:44:36'];
  expect(found).toEqual([
    ['FILE', '/home/e/elvis/h/empty', '0', '0', '0', '', '5081', '0', '1', ...times],
    ['FILE', '/home/e/elvis/h/some file', '111670', '111670', '1+0', 'X0352700', '5081', '0', '1', ...times],
    ['DIRECTORY', '/home/e/elvis/h/sub'],
  ]);
});

test('1, ls -P: a file that is not on tape yet has an empty cartridge', async () => {
  const { hsi, plant } = await testSystem({ migration: 'when-asked' });
  plant({ f: 'x' });
  const [before] = lines((await hsi('-q', 'put f : f; ls -P f')).err);
  expect(before!.split('\t')[5]!.trim()).toBe('');
  const [after] = lines((await hsi('-q', 'migrate f; ls -P f')).err);
  expect(after!.split('\t')[5]!.trim()).toBe('X0352700');
});

test('1, ls -PR and -DR: all below, each directory with what it holds', async () => {
  const { hsi, plant } = await testSystem();
  plant({ f: 'x' });
  await hsi('-q', 'mkdir -p a/b; put f : a/f; put f : a/b/g');
  const kinds = lines((await hsi('-q', 'ls -PR a')).err).map((line) => line.split('\t').slice(0, 2).join(' '));
  const home = '/home/e/elvis';
  expect(kinds).toEqual([`DIRECTORY ${home}/a`, `FILE ${home}/a/f`, `DIRECTORY ${home}/a/b`, `FILE ${home}/a/b/g`]);
  const long = lines((await hsi('-q', 'ls -DR a')).err).map((line) => line.split(' ').at(-1));
  expect(long).toEqual(['a:', 'b', 'f', 'a/b:', 'g']);
});

test('1, ls -lDTr: access times, backwards', async () => {
  const { hsi, plant, configure } = await testSystem();
  plant({ f: 'x' });
  await hsi('-q', 'put f : f; put f : g');
  configure({ now: '2014-09-01T00:00:00Z' });
  await hsi('-q', 'get x : f');
  expect(lines((await hsi('-q', 'ls -lDTr')).err).slice(1)).toEqual([
    expect.stringMatching(/Fri Aug 22 21:44:36 2014 g$/),
    expect.stringMatching(/Sun Aug 31 17:00:00 2014 f$/),
  ]);
});

test('1: listings go to standard error, with -P to standard output, with -O to a file; -q takes the noise off', async () => {
  const { hsi, work } = await testSystem();
  const banner = /^Username: elvis {2}UID: 61406 {2}Acct: 61406\(61406\) Copies: 1 COS: 0 Firewall: off \[hsi/;
  await hsi('-q', 'mkdir d');
  expect(await hsi('ls -1')).toMatchObject({ out: '', err: expect.stringMatching(banner) });
  expect((await hsi('ls -1')).err).toMatch(/\nd\n$/);
  expect(await hsi('-q', 'ls -1')).toEqual({ status: 0, out: '', err: 'd\n' });
  expect(await hsi('-P', 'ls', '-1')).toEqual({ status: 0, out: 'd\n', err: '' });
  const listing = join(work, 'listing');
  expect(await hsi('-O', listing, 'ls -1; pwd')).toMatchObject({
    status: 0,
    out: '',
    err: expect.stringMatching(banner),
  });
  expect(readFileSync(listing, 'utf8')).toBe('d\n/home/e/elvis\n');
});

test('1: some builds list on standard output', async () => {
  const { hsi } = await testSystem({ listingsOn: 'standard output' });
  expect(await hsi('-q', 'pwd')).toEqual({ status: 0, out: '/home/e/elvis\n', err: '' });
});

test('1: names in a listing are the bytes that they are', async () => {
  const { hsi } = await testSystem();
  await hsi('-q', 'mkdir "a b" "\udce9" "é" "x\'y"');
  expect((await hsi('-q', 'ls -1')).err).toBe("a b\nx'y\né\n\udce9\n");
});

test('1: find, du, quota, lscos', async () => {
  const { hsi, plant } = await testSystem({ quotaBytes: 5000 });
  plant({ f: 'x'.repeat(1000) });
  await hsi('-q', 'mkdir -p a/b; put f : a/b/f.tar; put f : a/g');
  expect((await hsi('-q', 'find a -name "*.tar"')).err).toBe('a/b/f.tar\n');
  expect((await hsi('-q', 'find a -type d')).err).toBe('a\na/b\n');
  expect((await hsi('-q', 'du a')).err).toBe('         4\t2000 bytes\ta\n');
  expect((await hsi('-q', 'quota')).err).toBe('elvis: 2000 bytes used of 5000 bytes\n');
  expect(lines((await hsi('-q', 'lscos')).err)[0]).toMatch(/^ {2}5081 small/);
});

function shortDate({ err }: { readonly err: string }): string {
  return / 512 (\w{3} [ \d]\d [ \d]\d[:\d]\d\d) subdir$/m.exec(err)?.[1] ?? 'none';
}
