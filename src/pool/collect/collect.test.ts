import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { eventsOf, poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { isFailure } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { archiveNames, archiveStem } from './archive-names.ts';
import { executeCollect } from './collect.ts';
import { wholePattern } from './exclusions.ts';

let root: string;
const at = (path: string) => join(root, path);
const put = (path: string, text = path) => {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
};

beforeEach(async () => {
  root = await scratchFolder();
  for (const name of ['work', 'collect', 'src']) mkdirSync(at(name));
});

const section = (items: string, mode = 'daily', archive = 'tar') =>
  `<collect><collect_dir>@ROOT@/collect</collect_dir><collect_mode>${mode}</collect_mode><archive_mode>${archive}</archive_mode><ignore_file>.cbignore</ignore_file>${items}</collect>`;
const dir = (more = '', path = '@ROOT@/src') => `<dir><abs_path>${path}</abs_path>${more}</dir>`;
const collect = (sections: string, changes: Parameters<typeof runOf>[1] = {}) =>
  eventsOf(executeCollect(runOf(poolConfiguration(root, sections), changes)));
/** The names in an archive, below the folder of the test, as GNU tar has them. */
const names = (archive: string, program = 'tar') =>
  execFileSync(program, ['-tf', at(`collect/${archive}`)], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map((name) => name.slice(root.length).replace(/\/$/, ''))
    .sort();
const stem = (path: string) => archiveStem(at(path));
/** As a master does that has staged what is there. */
const stage = () => {
  const later = new Date(Date.now() + 60_000);
  put('collect/cback.stage', '');
  utimesSync(at('collect/cback.stage'), later, later);
};

test('everything is collected, or told', async () => {
  put('src/f1', 'one');
  put('src/d1/f2');
  put('src/back\\slash');
  put('src/ignored/.cbignore');
  mkdirSync(at('src/empty'));
  linkSync(at('src/f1'), at('src/h'));
  symlinkSync('nowhere', at('src/dangling'));
  symlinkSync('d1', at('src/linked'));
  execFileSync('mkfifo', [at('src/pipe')]);
  const events = await collect(section(dir()));
  const all = ['back\\\\slash', 'd1/f2', 'dangling', 'empty', 'f1', 'h', 'linked'].map((one) => `src/${one}`);
  expect(names(`${stem('src')}.tar`)).toEqual(all);
  expect(names(`${stem('src')}.tar`, 'bsdtar')).toEqual(all);
  expect(events.filter((one) => one.deed === 'left-out').map((one) => [one.path, one.reason])).toEqual([
    [at('src/ignored'), 'it holds .cbignore'],
    [at('src/pipe'), 'it is a pipe'],
  ]);
  expect(events.some(isFailure)).toBe(false);
  expect(readdirSync(at('collect')).sort()).toEqual(['cback.collect', `${stem('src')}.tar`].sort());
});

test.each(['tar', 'targz', 'tarbz2'])('%s holds what was there, to the byte', async (mode) => {
  put('src/f', 'x'.repeat(300_000));
  const raw = Buffer.from(`${at('src')}/n\xff`, 'latin1');
  writeFileSync(raw, 'raw');
  await collect(section(dir(), 'daily', mode));
  const [archive] = readdirSync(at('collect')).filter((name) => name !== 'cback.collect');
  mkdirSync(at('out'));
  execFileSync('tar', ['-xf', at(`collect/${archive}`), '-C', at('out')]);
  execFileSync('diff', ['-r', at('src'), `${at('out')}${root}/src`]);
});

test('what the configuration excludes', async () => {
  for (const name of ['a.tmp', 'a.tmpl', 'keep', 'abs/x', 'rel/x', 'sub/glob']) put(`src/${name}`);
  const own = '<exclude><rel_path>rel</rel_path><pattern>.*\\.tmp|nothing</pattern></exclude>';
  const all = '<exclude><abs_path>@ROOT@/src/abs</abs_path><pattern>.*/glob</pattern></exclude>';
  await collect(section(`${all}${dir(own)}`));
  expect(names(`${stem('src')}.tar`)).toEqual(['src/a.tmpl', 'src/keep']);
});

test('links are followed as deep as is said, and come under their own names or those of what they lead to', async () => {
  put('src/d1/f2');
  put('outside/x');
  symlinkSync('d1', at('src/linked'));
  symlinkSync('../outside', at('src/out'));
  const archive = `${stem('src')}.tar`;
  await collect(section(dir('<link_depth>1</link_depth>')));
  expect(names(archive)).toEqual(['src/d1/f2', 'src/linked/f2', 'src/out/x']);
  await collect(section(dir('<link_depth>1</link_depth><dereference>Y</dereference>')));
  expect(names(archive)).toEqual(['outside/x', 'src/d1/f2', 'src/linked', 'src/out']);
});

test('a ring of links ends', async () => {
  symlinkSync('.', at('src/ring'));
  put('src/f');
  await collect(section(dir('<link_depth>3</link_depth>')));
  expect(names(`${stem('src')}.tar`).length).toBeLessThan(10);
});

test('subdirectories get archives of their own', async () => {
  for (const name of ['f', 'd1/x', 'd1/deep/y', 'd2/z', 'skip/.cbignore', 'skip/s']) put(`src/${name}`);
  await collect(section(dir('<recursion_level>1</recursion_level>')));
  expect(
    readdirSync(at('collect'))
      .filter((name) => name.endsWith('.tar'))
      .sort(),
  ).toEqual(['src', 'src/d1', 'src/d2'].map((one) => `${stem(one)}.tar`).sort());
  expect(names(`${stem('src')}.tar`)).toEqual(['src/f']);
  expect(names(`${stem('src/d1')}.tar`)).toEqual(['src/d1/deep/y', 'src/d1/x']);
});

test('an empty directory makes an archive that says so, and no older one stays', async () => {
  put('src/f');
  await collect(section(dir()));
  unlinkSync(at('src/f'));
  await collect(section(dir()));
  expect(names(`${stem('src')}.tar`)).toEqual(['src']);
});

test('a failed collect leaves no indicator, and the rest is collected all the same', async () => {
  put('src/f');
  put('collect/cback.collect', '');
  const events = await collect(section(`${dir('', '@ROOT@/absent')}${dir()}`));
  expect(events.filter(isFailure).map((one) => one.path)).toEqual([at('absent')]);
  expect(existsSync(at('collect/cback.collect'))).toBe(false);
  expect(names(`${stem('src')}.tar`)).toEqual(['src/f']);
});

test('what is weekly waits for its day, and is caught up with when its week began without it', async () => {
  put('src/f');
  const run = async (now: Date, changes = {}) => {
    rmSync(at(`collect/${stem('src')}.tar`), { force: true });
    await collect(section(dir(), 'weekly'), { now, ...changes });
    return existsSync(at(`collect/${stem('src')}.tar`));
  };
  expect(await run(new Date(2026, 10, 18))).toBe(false);
  expect(await run(new Date(2026, 10, 19), { full: true })).toBe(true);
  expect(await run(new Date(2026, 10, 22))).toBe(false);
  expect(await run(new Date(2026, 10, 23))).toBe(true);
  // The machine was off on Monday the 30th.
  expect(await run(new Date(2026, 11, 1))).toBe(true);
  expect(await run(new Date(2026, 11, 2))).toBe(false);
});

test('incremental: only what is new since it was staged, whatever was collected in between', async () => {
  const incr = section(dir(), 'incr');
  const archive = `${stem('src')}.tar`;
  put('src/a', '1');
  put('src/b', '1');
  await collect(incr);
  expect(names(archive)).toEqual(['src/a', 'src/b']);
  // Nobody staged it.
  await collect(incr);
  expect(names(archive)).toEqual(['src/a', 'src/b']);
  stage();
  put('src/a', '2');
  await collect(incr);
  expect(names(archive)).toEqual(['src/a']);
  // That was lost; what is new comes with it.
  rmSync(at(`collect/${archive}`));
  put('src/c', '1');
  await collect(incr);
  expect(names(archive)).toEqual(['src/a', 'src/c']);
  stage();
  await collect(incr);
  expect(names(archive)).toEqual(['src']);
  stage();
  await collect(incr, { full: true });
  expect(names(archive)).toEqual(['src/a', 'src/b', 'src/c']);
});

test('incremental: the same content under another time is not new; another content of the same size and time is', async () => {
  const incr = section(dir(), 'incr');
  const archive = `${stem('src')}.tar`;
  const then = new Date(2026, 0, 1);
  put('src/a', '1');
  put('src/b', '1');
  for (const name of ['a', 'b']) utimesSync(at(`src/${name}`), then, then);
  await collect(incr);
  stage();
  utimesSync(at('src/a'), new Date(), new Date());
  put('src/b', '2');
  utimesSync(at('src/b'), then, then);
  await collect(incr);
  expect(names(archive)).toEqual(['src/b']);
});

test('incremental: a week that began without a run begins anew', async () => {
  const incr = section(dir(), 'incr');
  put('src/a');
  await collect(incr, { now: new Date(2026, 10, 18) });
  stage();
  await collect(incr, { now: new Date(2026, 10, 24) });
  expect(names(`${stem('src')}.tar`)).toEqual(['src/a']);
  stage();
  await collect(incr, { now: new Date(2026, 10, 25) });
  expect(names(`${stem('src')}.tar`)).toEqual(['src']);
});

test('that the memory of Cedar Backup is not read is told, until there is one of ours', async () => {
  put('src/f');
  put(`work/${stem('src')}.sha`, '(dp0\n.');
  const told = async (changes = {}) =>
    (await collect(section(dir(), 'incr'), changes)).filter((one) => one.text.includes('of Cedar Backup is not read'));
  expect(await told()).toHaveLength(1);
  stage();
  expect(await told()).toHaveLength(0);
  expect(existsSync(at(`work/${stem('src')}.sha`))).toBe(true);
});

test('incremental with links that are followed to elsewhere', async () => {
  const incr = section(dir('<link_depth>2</link_depth><dereference>Y</dereference>'), 'incr');
  put('src/z');
  put('src/b/f');
  symlinkSync('z', at('src/a'));
  put('other/x');
  symlinkSync('../other', at('src/c'));
  await collect(incr);
  expect(names(`${stem('src')}.tar`)).toEqual(['other/x', 'src/a', 'src/b/f', 'src/c', 'src/z']);
  stage();
  put('other/y');
  await collect(incr);
  expect(names(`${stem('src')}.tar`)).toEqual(['other/y', 'src/a', 'src/c']);
  expect(readdirSync(at('work/.stowage/collect')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a damaged baseline means that everything is collected', async () => {
  const incr = section(dir(), 'incr');
  put('src/a');
  await collect(incr);
  stage();
  await collect(incr);
  const state = at('work/.stowage/collect');
  for (const name of readdirSync(state)) writeFileSync(join(state, name), 'what');
  stage();
  await collect(incr);
  expect(names(`${stem('src')}.tar`)).toEqual(['src/a']);
});

test('what a killed run left in the collect directory goes', async () => {
  put('src/f');
  put('collect/.x.tar.0123456789abcdef.tmp');
  await collect(section(dir()));
  expect(readdirSync(at('collect')).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('two paths with one name get two archives, and keep them', () => {
  const two = archiveNames(['/x/y', '/x-y', '/x\\y']);
  const given = ['/x/y', '/x-y', '/x\\y'].map((path) => two.nameFor(path));
  expect(new Set(given).size).toBe(3);
  expect(given[0]).toBe('x-y');
  expect(archiveNames(['/x/y', '/x-y']).nameFor('/x-y')).toBe(given[1]);
});

test.each([
  ['/var/lib/x y', 'var-lib-x_y'],
  ['/.hidden/a:b', '_hidden-a_b'],
  ['/', '_'],
  ['/a//b/', 'a-b'],
])('the archive of %s is called %s', (path, name) => {
  expect(archiveStem(path)).toBe(name);
});

test.each([
  ['a|b', '(?:a|b)\\Z'],
  ['(?i)a', '(?i)(?:a)\\Z'],
])('the pattern %s is %s', (pattern, whole) => {
  expect(wholePattern(pattern)).toBe(whole);
});

test('nothing to collect, no directory to collect into, and two at once', async () => {
  await expect(collect(section(''))).rejects.toMatchObject({ code: 'configuration' });
  rmSync(at('collect'), { recursive: true });
  await expect(collect(section(dir()))).rejects.toMatchObject({ code: 'unavailable' });
  mkdirSync(at('collect'));
  put('src/f');
  const first = executeCollect(runOf(poolConfiguration(root, section(dir()))));
  await first.next();
  await expect(collect(section(dir()))).rejects.toMatchObject({ code: 'locked' });
  await first.return(undefined);
  await collect(section(dir()));
});

test('a full disk leaves no archive, no temporary file and no indicator', async () => {
  put('src/f', 'x'.repeat(100_000));
  put('collect/cback.collect', '');
  const configuration = poolConfiguration(root, section(dir()));
  const run = runOf(configuration);
  const full: PoolRun['files'] = {
    ...run.files,
    open: async (path, flags, mode) => {
      const file = await run.files.open(path, flags, mode);
      if (!path.includes('.tar')) return file;
      return { ...file, write: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })) };
    },
  };
  await expect(eventsOf(executeCollect({ ...run, files: full }))).rejects.toMatchObject({ code: 'full' });
  expect(readdirSync(at('collect'))).toEqual([]);
});

test('a file that cannot be read is a failure, and the rest is there to be staged', async () => {
  put('src/f');
  put('src/secret');
  chmodSync(at('src/secret'), 0);
  const events = await collect(section(dir()));
  // Root reads everything.
  const secret = process.getuid?.() === 0 ? [] : [at('src/secret')];
  expect(events.filter(isFailure).map((one) => one.path)).toEqual(secret);
  expect(existsSync(at('collect/cback.collect'))).toBe(true);
});
