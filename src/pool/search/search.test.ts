import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { collect, said, smallPool } from '../../../test/small-pool.ts';
import { isFailure } from '../pool-event.ts';
import { executeStage } from '../staging/execute-stage.ts';
import { archiveItems } from './archive-items.ts';
import { listStaged } from './list-staged.ts';
import { restoreStaged } from './restore-staged.ts';

/** Two days of two peers, with an archive of each kind of packing. */
async function twoDays() {
  const pool = await smallPool([{ name: 'one' }, { name: 'two' }]);
  const source = `${pool.folder}/source`;
  mkdirSync(`${source}/etc/sub`, { recursive: true });
  const pack = (name: string, flag: string, peer: string) =>
    execFileSync('tar', ['-c', `-${flag}f`, `${pool.collectDir(peer)}/${name}`, '-C', source, 'etc']);
  for (const [day, text] of [
    [17, 'old'],
    [18, 'new'],
  ] as const) {
    writeFileSync(`${source}/etc/passwd`, text, { mode: 0o640 });
    writeFileSync(`${source}/etc/sub/only ${text}\n`, text);
    pack('etc.tar.gz', 'z', 'one');
    pack('etc.tar', '', 'two');
    rmSync(`${source}/etc/sub/only ${text}\n`);
    collect(pool.collectDir('one'), { 'dump.txt': text });
    collect(pool.collectDir('two'), {});
    await said(executeStage(pool.run({ clock: { now: () => new Date(2026, 10, day, 12) } })));
  }
  return { pool, to: `${pool.folder}/back` };
}

test('which day and peer hold a file', async () => {
  const { pool } = await twoDays();
  const found = async (names: readonly string[], where = {}) =>
    (await said(listStaged(pool.run(), names, where))).map(({ deed, text }) => `${deed}: ${text}`);
  expect(await found(['/etc/passwd'])).toEqual([
    'found: 2026/11/18  one  etc.tar.gz  /etc/passwd',
    'found: 2026/11/18  two  etc.tar  /etc/passwd',
    'found: 2026/11/17  one  etc.tar.gz  /etc/passwd',
    'found: 2026/11/17  two  etc.tar  /etc/passwd',
  ]);
  expect(await found(['dump.txt'], { day: '2026/11/17' })).toEqual(['found: 2026/11/17  one  dump.txt']);
  expect(await found(['/etc/sub'], { peer: 'two' })).toEqual([
    'found: 2026/11/18  two  etc.tar  /etc/sub/only new\\n',
    'found: 2026/11/17  two  etc.tar  /etc/sub/only old\\n',
  ]);
  expect(await found(['/etc/none'])).toEqual(["failed: '/etc/none' is in no day that is staged or stored here"]);
  // Indicators are no files of anybody.
  expect((await found([])).length).toBe(6);
});

test('an archive in pieces is looked into, and one that is encrypted is told', async () => {
  const { pool, to } = await twoDays();
  const archive = `${pool.day}/one/etc.tar.gz`;
  execFileSync('split', ['--bytes=100', '--numeric-suffixes', '--suffix-length=5', archive, `${archive}_`]);
  rmSync(archive);
  renameSync(`${pool.day}/two/etc.tar`, `${pool.day}/two/etc.tar.gpg`);
  const where = { day: '2026/11/18' };
  const found = async (name: string, more = {}) =>
    (await said(listStaged(pool.run(), [name], { ...where, ...more }))).map(({ deed, text }) => `${deed}: ${text}`);
  const closed = "told: 2026/11/18 of 'two': 'etc.tar' is encrypted, and cannot be looked into";
  expect(await found('/etc/passwd')).toEqual(['found: 2026/11/18  one  etc.tar.gz  /etc/passwd', closed]);
  expect(await found('/none', { peer: 'two' })).toEqual([
    closed,
    "failed: '/none' is in nothing that can be looked into",
  ]);
  expect(await found('etc.tar')).toEqual(['found: 2026/11/18  two  etc.tar, as etc.tar.gpg']);
  expect(await found('etc.tar.gz')).toEqual([
    expect.stringMatching(/^found: 2026\/11\/18 {2}one {2}etc.tar.gz, as etc.tar.gz_00000 … etc.tar.gz_0000\d$/),
  ]);
  const restore = async (peer: string) =>
    (await said(restoreStaged(pool.run(), ['/etc/passwd'], { ...where, to, peer }))).filter(isFailure);
  expect(await restore('one')).toEqual([]);
  expect(readFileSync(`${to}/etc/passwd`, 'utf8')).toBe('new');
  expect((await restore('two')).map(({ text }) => text)).toContain(closed.slice(6));
  rmSync(to, { recursive: true });
  truncateSync(`${archive}_00000`, 99);
  expect(await restore('one')).not.toEqual([]);
  expect(existsSync(`${to}/etc/passwd`)).toBe(false);
});

test('a file is brought back as it was, from the newest day or the one that is said, and nothing is overwritten', async () => {
  const { pool, to } = await twoDays();
  const restore = (names: readonly string[], where = {}) => said(restoreStaged(pool.run(), names, { to, ...where }));
  const events = await restore(['/etc/passwd', 'dump.txt'], { peer: 'one' });
  expect(events.map(({ deed }) => deed)).toEqual(['restored', 'restored']);
  expect(readFileSync(`${to}/etc/passwd`, 'utf8')).toBe('new');
  expect(statSync(`${to}/etc/passwd`).mode & 0o7777).toBe(0o640);
  expect(readFileSync(`${to}/dump.txt`, 'utf8')).toBe('new');
  expect(existsSync(`${to}/.stowage-restore`)).toBe(false);

  const again = await restore(['/etc/passwd'], { peer: 'one', day: '2026/11/17' });
  expect(again.map(({ deed, text }) => `${deed}: ${text}`)).toEqual([
    `failed: '${to}/etc/passwd' is there already, and is left as it is`,
  ]);
  expect(readFileSync(`${to}/etc/passwd`, 'utf8')).toBe('new');
  rmSync(to, { recursive: true });
  expect((await restore(['/etc'], { peer: 'two' })).filter(isFailure)).toEqual([]);
  expect(readFileSync(`${to}/etc/sub/only old\n`, 'utf8')).toBe('old');
  expect(readFileSync(`${to}/etc/sub/only new\n`, 'utf8')).toBe('new');
  expect(readFileSync(`${to}/etc/passwd`, 'utf8')).toBe('new');
});

test('a name that two peers have needs one to be said', async () => {
  const { pool, to } = await twoDays();
  const events = await said(restoreStaged(pool.run(), ['/etc/passwd'], { to }));
  expect(events.some((event) => isFailure(event) && event.text.includes("is of peer 'one' too"))).toBe(true);
});

test('what is not what was staged is not brought back', async () => {
  const { pool, to } = await twoDays();
  appendFileSync(`${pool.day}/one/etc.tar.gz`, Buffer.alloc(10));
  writeFileSync(`${pool.day}/one/dump.txt`, 'bad');
  const where = { to, peer: 'one', day: '2026/11/18' };
  for (const name of ['/etc/passwd', 'dump.txt']) {
    const events = await said(restoreStaged(pool.run(), [name], where));
    expect(events.filter(isFailure).length).toBeGreaterThan(0);
    expect(existsSync(`${to}/${name}`)).toBe(false);
  }
});

test('archives packed by bzip2 are looked into too', async () => {
  const folder = await scratchFolder();
  writeFileSync(`${folder}/file`, 'content');
  execFileSync('sh', ['-c', 'tar -c file | bzip2 >a.tar.bz2'], { cwd: folder });
  const names: string[] = [];
  for await (const { item } of archiveItems('a.tar.bz2', undefined, createReadStream(`${folder}/a.tar.bz2`))) {
    if (item.kind === 'member') names.push(item.member.path);
  }
  expect(names).toEqual(['file']);
  writeFileSync(`${folder}/a.tar.bz2`, readFileSync(`${folder}/a.tar.bz2`).subarray(0, 60));
  const read = async () => {
    for await (const _ of archiveItems('a.tar.bz2', undefined, createReadStream(`${folder}/a.tar.bz2`)));
  };
  await expect(read()).rejects.toThrow(/bzip2|ends too early/);
});
