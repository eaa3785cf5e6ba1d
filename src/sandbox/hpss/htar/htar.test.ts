import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TestSystem, testSystem } from '../test-system.ts';

const home = '/home/e/elvis';

/** A directory `nova` with two files and a link. */
async function nova(changes: Parameters<typeof testSystem>[0] = {}): Promise<TestSystem> {
  const system = await testSystem(changes);
  system.plant({ 'nova/sn1987a': 'x'.repeat(1000), 'nova/a b': 'content' });
  symlinkSync('sn1987a', join(system.work, 'nova/link'));
  for (const name of ['sn1987a', 'a b']) utimesSync(join(system.work, 'nova', name), 1285363440, 1285363440);
  return system;
}

const checkName = /HTAR_CF_CHK_\d+_\d+/;

test('2: create says what it adds, the consistency file last, and that it is complete', async () => {
  const { htar, held } = await nova();
  const { out, err, status } = await htar('-cvf', 'nova.tar', 'nova');
  expect(status).toBe(0);
  expect(err).toBe('');
  const bytes = held(`${home}/nova.tar`).length;
  expect(out.split('\n')).toEqual([
    'HTAR: a   nova/',
    'HTAR: a   nova/a b',
    'HTAR: a   nova/link',
    'HTAR: a   nova/sn1987a',
    expect.stringMatching(/^HTAR: a {3}\/.*\/HTAR_CF_CHK_\d+_\d+$/),
    expect.stringMatching(
      new RegExp(
        `^HTAR Create complete for nova\\.tar\\. ${bytes.toLocaleString('en-US')} bytes written for 4 member files, max threads: 1 Transfer time: \\d+\\.\\d{3} seconds \\(\\d+\\.\\d{3} MB/s\\)$`,
      ),
    ),
    'HTAR: HTAR SUCCESSFUL',
    '',
  ]);
  expect(bytes % 512).toBe(0);
  expect(held(`${home}/nova.tar.idx`).length).toBeGreaterThan(0);
});

test('2: -t lists what is in the index, in the site zone, the consistency file too', async () => {
  const { htar } = await nova();
  await htar('-cf', 'nova.tar', 'nova');
  const { out, status } = await htar('-t', '-f', 'nova.tar');
  expect(status).toBe(0);
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^HTAR: drwxr-xr-x {2}elvis\/elvis {10}0 \d{4}-\d\d-\d\d \d\d:\d\d {2}nova\/$/);
  expect(lines[1]).toBe('HTAR: -rw-r--r--  elvis/elvis          7 2010-09-24 14:24  nova/a b');
  expect(lines[2]).toMatch(/^HTAR: lrwxrwxrwx {2}elvis\/elvis {10}0 .* nova\/link -> sn1987a$/);
  expect(lines[4]).toMatch(/^HTAR: -rw------- {2}elvis\/elvis {8}256 2014-08-22 21:44 {2}\/.*HTAR_CF_CHK_\d+_\d+$/);
  expect(lines.slice(5)).toEqual(['HTAR: HTAR SUCCESSFUL', '']);
});

test('2: -x brings the members back, with their times and links, and overwrites', async () => {
  const { htar, work, plant } = await nova();
  await htar('-cf', 'nova.tar', 'nova');
  plant({ 'nova/sn1987a': 'changed' });
  const { out, status } = await htar('-xvf', 'nova.tar');
  expect(status).toBe(0);
  expect(out).toContain('HTAR: x nova/sn1987a, 1000 bytes, 3 media blocks\n');
  expect(out).toMatch(
    /HTAR: Extract complete for nova\.tar, 4 files\. total bytes read: 1,007 in \d+\.\d{3} seconds \(\d+\.\d{3} MB\/s \)\n/,
  );
  expect(readFileSync(join(work, 'nova/sn1987a'), 'utf8')).toBe('x'.repeat(1000));
  expect(lstatSync(join(work, 'nova/sn1987a')).mtimeMs).toBe(1285363440000);
  expect(existsSync(join(work, 'tmp'))).toBe(false);
});

test('2: -x takes names and directories, no wildcards; -O prints; -m sets the time; -p keeps the mode', async () => {
  const { htar, hsi, work } = await nova();
  await htar('-cf', 'nova.tar', 'nova');
  rmSync(join(work, 'nova'), { recursive: true });
  expect((await htar('-xf', 'nova.tar', 'nova/a b')).status).toBe(0);
  expect(existsSync(join(work, 'nova/sn1987a'))).toBe(false);
  expect(await htar('-xf', 'nova.tar', 'nova/*')).toMatchObject({
    status: 72,
    out: expect.stringContaining('HTAR FAILED'),
  });
  expect((await htar('-xqOf', 'nova.tar', 'nova/a b')).out).toBe('contentHTAR: HTAR SUCCESSFUL\n');
  await htar('-xmf', 'nova.tar', 'nova');
  expect(lstatSync(join(work, 'nova/sn1987a')).mtimeMs).toBe(Date.parse('2014-08-23T04:44:36Z'));
  expect((await hsi('-q', 'ls -1')).err).toBe('nova.tar\nnova.tar.idx\n');
});

test('2: GNU tar reads the archives: the same members, the same contents', async () => {
  const { htar, plant, folder } = await nova();
  const long = `${'d'.repeat(99)}/${'e'.repeat(54)}/${'f'.repeat(99)}`;
  plant({ [long]: 'long', 'nova/e\u0301': 'accent', 'nova/quo\'te"': 'q' });
  await htar('-cf', 'n.tar', 'nova', long);
  const listed = execFileSync('tar', [
    '-tf',
    join(folder, 'files', home, 'n.tar'),
    '--quoting-style=literal',
  ]).toString();
  expect(listed.split('\n').filter((name) => name !== '' && !checkName.test(name))).toEqual([
    'nova/',
    'nova/a b',
    'nova/e\u0301',
    'nova/link',
    'nova/quo\'te"',
    'nova/sn1987a',
    long,
  ]);
  const out = execFileSync('tar', ['-xOf', join(folder, 'files', home, 'n.tar'), long]).toString();
  expect(out).toBe('long');
});

test.each([
  ['a name of 99 bytes', 'f'.repeat(99), 0],
  ['a name of 100 bytes', 'f'.repeat(100), 70],
  ['a prefix of 154 bytes', `${'d'.repeat(77)}/${'e'.repeat(76)}/${'f'.repeat(99)}`, 0],
  ['a prefix of 155 bytes', `${'d'.repeat(77)}/${'e'.repeat(77)}/${'f'.repeat(99)}`, 70],
  ['bytes, not letters', 'é'.repeat(50), 70],
])('2, limits: %s', async (_, name, status) => {
  const { htar, plant } = await testSystem();
  plant({ [name]: 'x', other: 'y' });
  const ran = await htar('-cvf', 'a.tar', name, 'other');
  expect(ran.status).toBe(status);
  expect(ran.out).toContain('HTAR: HTAR SUCCESSFUL\n');
  const listed = (await htar('-tf', 'a.tar')).out.includes(name);
  expect(listed).toBe(status === 0);
  if (status !== 0) expect(ran.err).toContain('Warning: name too long for tar archive- file omitted\n');
});

test.each([
  ['99', 99, 0],
  ['100', 100, 70],
])('2, limits: a link target of %s bytes', async (_, length, status) => {
  const { htar, work } = await testSystem();
  symlinkSync('t'.repeat(length), join(work, 'link'));
  writeFileSync(join(work, 'other'), '');
  const ran = await htar('-cf', 'a.tar', 'link', 'other');
  expect(ran).toMatchObject({ status, out: expect.stringContaining('HTAR SUCCESSFUL') });
});

test('2, limits: a member of 64 GiB is too large for the whole run; nothing is stored', async () => {
  const { htar, hsi, work, plant } = await testSystem();
  plant({ small: 'x' });
  const big = openSync(join(work, 'big'), 'w');
  ftruncateSync(big, 68_719_476_736);
  closeSync(big);
  const ran = await htar('-cvf', 'a.tar', 'small', 'big');
  expect(ran).toMatchObject({ status: 72, out: 'HTAR: HTAR FAILED\n' });
  expect(ran.err).toContain('INFO: File too large for htar to handle: big (68719476736 bytes)\n');
  expect(ran.err).toContain(
    'ERROR: 1 oversize member files found - please correct and retry\nERROR: [FATAL] error(s) generating filename list\n',
  );
  expect((await hsi('-q', 'ls -1')).err).toBe('');
});

test('2: files that cannot be had when their turn comes are left out, and it says SUCCESSFUL with status 72', async () => {
  const { htar, script, plant } = await testSystem();
  plant({ one: '1', two: '2', three: '3' });
  script({ do: { kind: 'omit', what: 'members', count: 1 } });
  const ran = await htar('-cvf', 'a.tar', 'one', 'two', 'three');
  expect(ran).toMatchObject({ status: 72, out: expect.stringContaining('HTAR: HTAR SUCCESSFUL\n') });
  expect(ran.err).toContain(
    'WARNING: Index entry 2, Local file three was missing or inaccessible and could not be copied to the archive\n',
  );
  script();
  expect((await htar('-tf', 'a.tar')).out).not.toContain('three');
});

test('2: no index: -t, -x and -K do not work, -X makes it again, and plain tar still reads the archive', async () => {
  const { htar, hsi } = await nova();
  await htar('-cf', 'nova.tar', '-H', 'crc', 'nova');
  const before = (await htar('-tf', 'nova.tar')).out;
  await hsi('-q', 'rm nova.tar.idx');
  for (const action of ['-tvf', '-xf', '-Kf']) {
    const ran = await htar(action, 'nova.tar');
    expect(ran).toMatchObject({ status: 72, out: 'HTAR: HTAR FAILED\n' });
    expect(ran.err).toBe(
      `ERROR: No such file: nova.tar.idx\nERROR: Fatal error opening index file: nova.tar.idx\n###WARNING  htar returned non-zero exit status.\n                72 = /apps/hpss/bin/htar ${action} nova.tar\n`,
    );
  }
  const made = await htar('-Xf', 'nova.tar');
  expect(made.out).toMatch(
    /^HTAR: Build Index complete for nova\.tar, 4 files 5 total objects, size=[\d,]+ bytes\nHTAR: HTAR SUCCESSFUL\n$/,
  );
  expect((await htar('-tf', 'nova.tar')).out).toBe(before);
});

test('2: -D and -U mark members in the index; the listing shows D after the mode', async () => {
  const { htar, work } = await nova();
  await htar('-cf', 'nova.tar', 'nova');
  await htar('-Df', 'nova.tar', 'nova/sn1987a');
  expect((await htar('-tf', 'nova.tar')).out).toMatch(
    /^HTAR: -rw-r--r-- D elvis\/elvis {7}1000 2010-09-24 14:24 {2}nova\/sn1987a$/m,
  );
  rmSync(join(work, 'nova'), { recursive: true });
  await htar('-xf', 'nova.tar');
  expect(existsSync(join(work, 'nova/sn1987a'))).toBe(false);
  await htar('-Uf', 'nova.tar', 'nova/sn1987a');
  await htar('-xf', 'nova.tar');
  expect(existsSync(join(work, 'nova/sn1987a'))).toBe(true);
});

test('2: -c overwrites an archive without a word', async () => {
  const { htar, plant } = await nova();
  await htar('-cf', 'a.tar', 'nova');
  plant({ other: 'x' });
  expect(await htar('-cqf', 'a.tar', 'other')).toEqual({ status: 0, out: 'HTAR: HTAR SUCCESSFUL\n', err: '' });
  expect((await htar('-tf', 'a.tar')).out).not.toContain('nova');
});

test('2: -K finds damage by the CRC of -H crc, and an index of another archive', async () => {
  const { htar, hsi, folder } = await nova();
  await htar('-cf', 'a.tar', '-Hcrc', 'nova');
  expect(await htar('-Kf', 'a.tar')).toMatchObject({ status: 0, out: expect.stringContaining('HTAR SUCCESSFUL') });
  const path = join(folder, 'files', home, 'a.tar');
  const bytes = readFileSync(path);
  const damaged = Buffer.from(bytes);
  damaged[bytes.indexOf('content')] = 0x43;
  writeFileSync(path, damaged);
  expect(await htar('-Kf', 'a.tar')).toMatchObject({
    status: 65,
    err: expect.stringContaining('ERROR: CRC mismatch for member nova/a b'),
  });
  writeFileSync(path, bytes.subarray(0, bytes.length - 2048));
  expect((await htar('-Kf', 'a.tar')).status).toBe(65);
  await htar('-cf', 'b.tar', 'nova');
  await hsi('-q', 'rm a.tar; cp b.tar a.tar');
  expect(await htar('-xf', 'a.tar')).toMatchObject({
    status: 65,
    err: expect.stringContaining('the index file is not of this archive'),
  });
});

test('2, -L: exactly the lines of the list, directories without what they hold; - is standard input', async () => {
  const { htar, withInput, plant } = await nova();
  plant({ list: 'nova\nnova/a b\n\n' });
  await htar('-cf', 'a.tar', '-L', 'list');
  const fromFile = (await htar('-tf', 'a.tar')).out;
  expect(fromFile).toContain('nova/a b');
  expect(fromFile).not.toContain('sn1987a');
  await withInput('nova/sn1987a\n').htar('-cf', 'a.tar', '-L', '-');
  expect((await htar('-tf', 'a.tar')).out).toContain('nova/sn1987a');
});

test.each([
  [
    '2: a file that is not there',
    ['-cf', 'a.tar', 'nope'],
    72,
    'ERROR: No such file: nope\nERROR: [FATAL] error(s) generating filename list\n',
  ],
  [
    '2: a list that is not there',
    ['-cf', 'a.tar', '-L', 'nope'],
    72,
    'ERROR: [FATAL] error(s) generating filename list\n',
  ],
  [
    '2: no directory for the archive',
    ['-cf', 'no/a.tar', 'f'],
    73,
    `***Error -2 on hpss_Open (create) for ${home}/no/a.tar\n`,
  ],
  ['2, -M: too many members', ['-cf', 'a.tar', '-M', '1', 'f', 'g'], 72, 'ERROR: 2 member files exceed the limit of 1'],
  ['2, -M: over the hard limit', ['-cf', 'a.tar', '-M', '5000001', 'f'], 64, 'ERROR: invalid -M value'],
  ['2: two actions', ['-ctf', 'a.tar'], 64, 'ERROR: exactly one of -c -t -x -K -X -D -U is needed'],
  ['2: no archive', ['-c', 'f'], 64, 'ERROR: option -f is needed'],
  ['2: an unknown option', ['-cZf', 'a.tar'], 64, 'ERROR: unknown option -Z'],
  ['2: an unknown -H option', ['-cf', 'a.tar', '-H', 'magic', 'f'], 64, 'ERROR: unknown -H option magic'],
  ['hpsspy 8: a name that begins with a dash is an option', ['-cf', 'a.tar', '-Zebra'], 64, 'ERROR: unknown option -Z'],
  ['hpsspy 8: no member at all', ['-cf', 'a.tar'], 72, 'ERROR: no member files'],
])('%s', async (_, argv, status, text) => {
  const { htar, plant } = await testSystem();
  plant({ f: 'f', g: 'g' });
  const ran = await htar(...argv);
  expect(ran.status).toBe(status);
  expect(ran.err).toContain(text);
  expect(ran.err).toContain(`                ${status} = /apps/hpss/bin/htar ${argv.join(' ')}\n`);
});

test('2: -P makes directories; -h follows links; -E keeps the archive here; -I names the index; -Hrmlocal removes what was stored', async () => {
  const { htar, held, work } = await nova();
  await htar('-cPf', 'p/q/a.tar', 'nova');
  expect(held(`${home}/p/q/a.tar`).length).toBeGreaterThan(0);
  await htar('-chf', 'h.tar', 'nova/link');
  expect((await htar('-tf', 'h.tar')).out).toMatch(/-rw-r--r-- .* 1000 .*nova\/link\n/);
  await htar('-cEf', 'local.tar', 'nova');
  expect(existsSync(join(work, 'local.tar.idx'))).toBe(true);
  expect((await htar('-tEf', 'local.tar')).status).toBe(0);
  await htar('-cf', 'i.tar', '-I', '.index', 'nova');
  expect(held(`${home}/i.tar.index`).length).toBeGreaterThan(0);
  await htar('-cf', 'r.tar', '-Hrmlocal', 'nova');
  expect(existsSync(join(work, 'nova/sn1987a'))).toBe(false);
});

test('2: quota ends a create in the middle; what was written stays, without an index', async () => {
  const { htar, hsi } = await nova({ quotaBytes: 2000 });
  const ran = await htar('-cf', 'a.tar', 'nova');
  expect(ran).toMatchObject({ status: 74, out: 'HTAR: HTAR FAILED\n', err: expect.stringContaining('***Error -122') });
  expect((await hsi('-q', 'ls -1')).err).toBe('a.tar\n');
});

test('2, -Hnostage: a few members straight from tape leave the archive asleep', async () => {
  const { htar, hsi, sessions } = await nova();
  await htar('-cf', 'a.tar', 'nova');
  const asleep = async () => (await hsi('-q', 'ls -U a.tar')).err.includes('TAPE');
  await hsi('-q', 'purge a.tar');
  await htar('-xf', 'a.tar', '-Hnostage', 'nova/a b');
  expect(await asleep()).toBe(true);
  await htar('-xf', 'a.tar', 'nova/a b');
  expect(await asleep()).toBe(false);
  expect(sessions().at(-1)).toMatchObject({ mounts: 1 });
});
