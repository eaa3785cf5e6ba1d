import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gridUser } from '../../../../test/alien.ts';
import { clientCommands } from '../client-commands.ts';

const home = '/localhost/localdomain/user/j/jalien/';
const md5 = '900150983cd24fb0d6963f7d28e17f72';
const seed = ['a.root', 'sub/run1_b.root', 'sub/deep/c.txt'].map((path, index) => ({
  path: `f/${path}`,
  size: 10 * (index + 1),
  md5,
}));

const finds: readonly (readonly [string, readonly string[]])[] = [
  ['', ['a.root', 'sub/deep/c.txt', 'sub/run1_b.root']],
  ['-glob *.root', ['a.root', 'sub/run1_b.root']],
  ['-name \\.root$', ['a.root', 'sub/run1_b.root']],
  ['-name begin_run1', ['sub/run1_b.root']],
  ['-name contain_b_ext_root', ['sub/run1_b.root']],
  ['-select /deep/', ['sub/deep/c.txt']],
  ['-exclude deep -exclude run1', ['a.root']],
  ['-exclude_re ^sub/', ['a.root']],
  ['-mindepth 1 -maxdepth 1', ['sub/run1_b.root']],
  ['-minsize 20 -maxsize 20', ['sub/run1_b.root']],
  ['-max-ctime 2000-01-01', []],
  ['-min-ctime 2000-01-01T00:00', ['a.root', 'sub/deep/c.txt', 'sub/run1_b.root']],
  ['-user jalien -group jalien', ['a.root', 'sub/deep/c.txt', 'sub/run1_b.root']],
  ['-user jalien2', []],
];
const refused = [
  ['find2 -glob x -name y f', 22],
  ['find2 f -minsize many', 22],
  ['find2 f -nosuch', 22],
  ['find2', 22],
  ['find2 -select ( f', 64],
  ['find2 -name x f/*.root', 22],
  ['find2 -glob x f/*.root', 22],
  ['find2 f/*.root x', 22],
] as const;
/** A pattern in the name of the directory, as alien.py takes it. */
const patterns: readonly (readonly [string, readonly string[]])[] = [
  ['f/*.root', ['a.root', 'sub/run1_b.root']],
  ['-minsize 20 ~/f/*.root', ['sub/run1_b.root']],
  ['f/sub/*', ['sub/deep/c.txt', 'sub/run1_b.root']],
  ['f/su*/c.txt', ['sub/deep/c.txt']],
  ['f/*.nothing', []],
  ['f/star*', ['star*/in.txt']],
];

test('find2 with all its filters', async () => {
  const { alien } = await gridUser({ seed });
  for (const [options, found] of finds) {
    const { status, out } = await alien(`find2 ${options.replaceAll('\\', '\\\\').replaceAll('*', '\\*')} f`);
    expect(out.split('\n').filter(Boolean).sort(), options).toEqual(found.map((name) => `${home}f/${name}`));
    expect(status, options).toBe(found.length === 0 ? 2 : 0);
  }
  for (const [line, status] of refused) expect((await alien(line)).status, line).toBe(status);
});

test('find2 of a directory and a pattern in one name, unless a directory has that very name', async () => {
  const { alien } = await gridUser({ seed: [...seed, { path: 'f/star*/in.txt', size: 1, md5 }] });
  for (const [words, found] of patterns) {
    const { status, out } = await alien('find2', ...words.split(' '));
    expect(out.split('\n').filter(Boolean).sort(), words).toEqual(found.map((name) => `${home}f/${name}`));
    expect(status, words).toBe(found.length === 0 ? 2 : 0);
  }
});

test('token-info as JSON tells the dates', async () => {
  const { alien } = await gridUser({ seed });
  await alien('token-init');
  const told = JSON.parse((await alien('-json', 'token-info')).out);
  expect(new Date(told.notAfter).getTime()).toBeGreaterThan(new Date(told.notBefore).getTime());
});

test('what cannot be reached, or is not there, is told by its name', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const { alien, home: here } = await gridUser();
  const told: readonly (readonly [string, number, string])[] = [
    ['cd nosuch', 2, `No such file or directory : ${home}nosuch\n`],
    ['pushd nosuch', 2, `No such file or directory : ${home}nosuch\n`],
    [`toXml -local file:${here}`, 22, `toXml -local: '${here}' is no file\n`],
    [`ccdb -host 127.0.0.1:${port} A/B`, 5, `ccdb: http://127.0.0.1:${port}/latest/A/B: nothing listens there\n`],
  ];
  for (const [line, status, err] of told) expect(await alien(line), line).toMatchObject({ status, err });
  expect((await alien(`checkAddr 127.0.0.1 ${port}`)).out).toBe(`127.0.0.1:${port}  nothing listens there\n`);
});

test('what the catalogue tells of a file', async () => {
  const { alien } = await gridUser({ seed });
  expect((await alien('pfn f/a.root')).out).toMatch(/^root:\/\/\S+\n$/);
  expect((await alien('pfn nothere')).status).toBe(2);
  expect((await alien('lfn2uri ~/f/a.root')).out).toMatch(
    /^'root:\/\/\S+\?xrd.wantprot=unix&authz=turl=\S+&signature=\S+'\n$/,
  );
  expect((await alien('getSE -name firstse')).out).toBe('LOCALHOST::JTESTSITE::FIRSTSE\n');
  expect((await alien('getSE 1 -id')).out).toBe('1\n');
  expect((await alien('getSE nosuch')).status).toBe(2);
  expect((await alien('SEqos LOCALHOST::JTESTSITE::FIRSTSE')).out).toBe('disk\n');
});

test('a metalink and a collection are written once, and escaped', async () => {
  const { alien, home: folder } = await gridUser({ seed });
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect((await alien('lfn2uri f/a.root meta')).out).toBe(`${join(process.cwd(), 'a.root.meta4')}\n`);
    expect(readFileSync('a.root.meta4', 'utf8')).toContain('&amp;authz=turl=root:');
    expect(statSync('a.root.meta4').mode & 0o777).toBe(0o600);
    expect((await alien('lfn2uri f/a.root meta')).status).not.toBe(0);
    writeFileSync('x & y.txt', 'abc');
    expect((await alien("toXml -local 'x & y.txt'")).out).toContain(`name="x &amp; y.txt"`);
    expect((await alien("toXml -local -x file:c.xml 'file:x & y.txt'")).status).toBe(0);
    expect(readFileSync(join(folder, 'c.xml'), 'utf8')).toContain(`md5="${md5}"`);
    expect((await alien('toXml -local nothere')).status).toBe(2);
    writeFileSync('list', "# these\nfile:list\n'x & y.txt' nothere\n");
    expect(await alien('toXml -local -l list')).toMatchObject({ status: 2, out: '' });
    const { status, out, err } = await alien('toXml -local -i -l file:list c.xml');
    expect(status).toBe(0);
    expect([...out.matchAll(/<file name="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      'c.xml',
      'list',
      'x &amp; y.txt',
    ]);
    expect(out).toMatch(/ aclId="" broken="0" .* lfn="file:\/\S+" .* owner="\S+" .* turl="file:\/\S+" type="f" /);
    expect(err).toContain('nothere');
    expect((await alien('toXml -local -a -x file:c.xml list')).status).toBe(38);
    expect((await alien('toXml -local -l')).status).toBe(22);
  } finally {
    process.chdir(before);
  }
});

test('a member of an archive is told with its archive, as XRootD takes it out', async () => {
  const { alien, central, home: folder } = await gridUser({ seed });
  const archive = central.world.catalogue.get(`${home}f/a.root`)!;
  central.world.catalogue.put({
    ...archive,
    path: `${home}f/one.txt`,
    guid: central.world.newGuid(),
    replicas: [],
    archive: archive.path,
  });
  const { out } = await alien('lfn2uri f/one.txt');
  expect(out).toMatch(/^'root:[^#\s]+\?xrd\.wantprot=unix&authz=\S+&xrdcl\.unzip=one\.txt'\n$/);
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect((await alien('lfn2uri f/one.txt meta')).out).toMatch(/\/one\.txt\.meta4\?xrdcl\.unzip=one\.txt\n$/);
    expect(readFileSync('one.txt.meta4', 'utf8')).toMatch(/<url priority="1">root:[^#?]+\?xrd/);
  } finally {
    process.chdir(before);
  }
});

test('timing on tells of each command how long the server took, apart from its output', async () => {
  const { alien } = await gridUser();
  expect(await alien('timing on; pwd')).toMatchObject({
    out: `Command timing is enabled\n${home}\n`,
    err: expect.stringMatching(/^timing_ms = [\d.]+\ntiming_ms = [\d.]+\n$/),
  });
  const told = (await alien('timing on; pwd -json')).out.split('\n').slice(1).join('\n');
  expect(JSON.parse(told).metadata.timing_ms).toMatch(/^[\d.]+$/);
});

test('going about', async () => {
  const { alien } = await gridUser();
  const { out, status } = await alien('mkdir a b; pushd a; pushd ../b; dirs; popd; popd; pwd; cd a; cd -; pwd; popd');
  expect(out).toBe(['~/a ~', '~/b ~/a ~', '~/b ~/a ~', '~/a ~', '~', home, home, ''].join('\n'));
  expect(status).toBe(1);
});

test('every command of ours tells what it does', async () => {
  const { alien, central } = await gridUser();
  for (const { name, summary, usage } of await clientCommands.all()) {
    expect(summary, name).not.toBe('');
    expect(usage.length, name).toBeGreaterThan(0);
  }
  const help = await alien('find2 -h');
  expect(help.out).toContain('-min-ctime');
  expect(central.requests).toEqual([]);
  expect((await alien('help ls')).out).toContain('ls: list a directory');
  expect((await alien('help')).out).toContain('token-init');
  expect((await alien('? whereis')).out).toContain('usage: whereis');
});

test('exit statuses and the like', async () => {
  const { alien } = await gridUser();
  expect(await alien('exitcode')).toMatchObject({ status: 255, out: '255\n' });
  expect(await alien('ls nothere; $?')).toMatchObject({ status: 2, out: '2\n' });
  expect(await alien('exit 7 stderr all over; pwd')).toMatchObject({ status: 7, out: '', err: 'all over\n' });
  expect(await alien('time pwd')).toMatchObject({ status: 0, err: expect.stringMatching(/\d s\n$/) });
  expect((await alien('ping 2')).out).toMatch(/rtt min\/avg\/max\/mdev/);
  expect((await alien('home')).out).toBe(`${home}\n`);
  expect((await alien('user root')).status).toBe(1);
  expect((await alien('prompt clock')).status).toBe(22);
});

test('jobs', async () => {
  const { alien } = await gridUser({ seed: [{ path: 'job.jdl', size: 3, md5 }] });
  expect((await alien('submit file:job.jdl')).status).toBe(22);
  const submitted = await alien('submit job.jdl -json');
  expect(submitted.status).toBe(0);
  const id = String(JSON.parse(submitted.out).results[0].jobId);
  const info = JSON.parse((await alien(`jobInfo ${id}`)).out);
  expect(info).toMatchObject([{ id, jdl: expect.any(String), trace: expect.any(Array) }]);
  expect((await alien('ps')).out).toContain(id);
  expect((await alien(`ps -trace ${id}`)).out).not.toMatch(/^\d{10}/m);
});
