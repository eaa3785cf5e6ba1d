import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type GridUser, gridUser } from '../../../../test/alien.ts';
import { scratchFolder } from '../../../../test/scratch-folder.ts';
import { nameFromBytes, nameToBytes } from '../../../model/byte-name.ts';

const home = '/localhost/localdomain/user/j/jalien';
const md5 = '900150983cd24fb0d6963f7d28e17f72';
const seed = ['d/a.root', 'd/b.txt', 'd/.hidden', 'd/sub/c.root', 'd/x,y@z.txt', 'other/a.root'].map((path) => ({
  path,
  size: 3,
  md5,
}));

/** Writes files of three bytes into a new folder, and gives it. */
async function folderWith(...names: readonly string[]): Promise<string> {
  const folder = await scratchFolder();
  for (const name of names) {
    const path = nameToBytes(join(folder, name));
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(path, 'abc');
  }
  return folder;
}

interface Told {
  readonly status: number;
  /** `source > target`, without the folder and the home. */
  readonly copies: readonly string[];
  readonly failures: readonly string[];
}

/** What a command line would copy. `HERE` in it is a folder of this machine. */
async function dryRun({ alien }: GridUser, here: string, ...words: readonly string[]): Promise<Told> {
  const { status, out } = await alien('cp', '-json', '-dryrun', ...words.map((word) => word.replace('HERE', here)));
  const results: Record<string, string>[] = out === '' ? [] : JSON.parse(out).results;
  const short = (name: string) => name.replace(here, 'HERE').replace(`${home}/`, '');
  return {
    status,
    copies: results
      .filter(({ direction }) => direction !== undefined)
      .map(({ direction, lfn, local }) => {
        const [source, target] = direction === 'upload' ? [local!, lfn!] : [lfn!, local!];
        return `${short(source)} > ${short(target)}`;
      }),
    failures: results.flatMap(({ error }) => (error === undefined ? [] : [short(error)])),
  };
}

const all = ['d/.hidden', 'd/a.root', 'd/b.txt', 'd/sub/c.root', 'd/x,y@z.txt'];
const into = (folder: string, names: readonly string[], cut = '') =>
  names.map((name) => `${name} > ${folder}/${name.slice(cut.length)}`).sort();

const downloads: readonly (readonly [string, readonly string[]])[] = [
  ['d/a.root file:HERE', ['d/a.root > HERE/a.root']],
  ['d/a.root file:HERE/', ['d/a.root > HERE/a.root']],
  ['d/a.root file:HERE/new', ['d/a.root > HERE/new']],
  ['d/a.root file:HERE/new/', ['d/a.root > HERE/new/a.root']],
  ['~/d/a.root file://HERE/new', ['d/a.root > HERE/new']],
  [`alien:${home}/d/a.root file:HERE/new`, ['d/a.root > HERE/new']],
  ['d/a.root@disk:1,!A::B::C file:HERE/new', ['d/a.root > HERE/new']],
  ['d/x,y@z.txt file:HERE', ['d/x,y@z.txt > HERE/x,y@z.txt']],
  ['d/x\\,y\\@z.txt@disk:1 file:HERE', ['d/x,y@z.txt > HERE/x,y@z.txt']],
  ['d file:HERE/', into('HERE', all)],
  ['d file:HERE/new', into('HERE/new', all)],
  ['d/ file:HERE/new', into('HERE/new', all, 'd/')],
  ['-glob *.root d/ file:HERE', into('HERE', ['d/a.root', 'd/sub/c.root'], 'd/')],
  ['d/*.root file:HERE', into('HERE', ['d/a.root', 'd/sub/c.root'], 'd/')],
  ['-maxdepth 0 ~/d/*.root file:HERE/new', ['d/a.root > HERE/new/a.root']],
  ['d/su*/c.root file:HERE', ['d/sub/c.root > HERE/sub/c.root']],
  ['-name ext_root -maxdepth 0 d/ file:HERE', ['d/a.root > HERE/a.root']],
  ['-exclude_re (^|/)\\. -exclude sub d/ file:HERE', into('HERE', ['d/a.root', 'd/b.txt', 'd/x,y@z.txt'], 'd/')],
  ['-parent 1 d/sub/c.root file:HERE', ['d/sub/c.root > HERE/sub/c.root']],
  ['-rmprefix 5 d/sub/c.root file:HERE/', ['d/sub/c.root > HERE/d/sub/c.root']],
  ['-parent 1 d/sub file:HERE', ['d/sub/c.root > HERE/d/sub/c.root']],
  ['-dst file:HERE d/a.root d/sub', ['d/a.root > HERE/a.root', 'd/sub/c.root > HERE/sub/c.root']],
  ['d/sub/ d/a.root -dst file:HERE/n', ['d/a.root > HERE/n/a.root', 'd/sub/c.root > HERE/n/c.root']],
  // The same, named twice, is one.
  ['-dst file:HERE d/a.root d/a.root', ['d/a.root > HERE/a.root']],
];

test('what is copied from the Grid, and under which names', async () => {
  const user = await gridUser({ seed });
  const here = await scratchFolder();
  for (const [line, copies] of downloads) {
    const told = await dryRun(user, here, ...line.split(' '));
    expect({ ...told, copies: [...told.copies].sort() }, line).toEqual({ status: 0, copies, failures: [] });
  }
  const some = await dryRun(user, here, '-l', '2', '-o', '1', 'd/', `file:${here}`);
  expect(some.copies).toHaveLength(2);
  const filtered = await dryRun(user, here, '-l', '1', '-exclude', 'a.root', '-name', 'root', 'd/', `file:${here}`);
  expect(filtered.copies).toEqual(['d/sub/c.root > HERE/sub/c.root']);
});

test('what is copied to the Grid, and under which names', async () => {
  const user = await gridUser({ seed });
  const here = await folderWith('up/a.root', 'up/.b', 'up/sub/c d.root', 'up/sub/e.sh', 'one', 'names/star*');
  const up = ['.b', 'a.root', 'sub/c d.root', 'sub/e.sh'];
  const uploads: readonly (readonly [string, readonly string[]])[] = [
    ['file:HERE/one new', ['HERE/one > new']],
    ['file:HERE/one d', ['HERE/one > d/one']],
    ['file:HERE/one d/a.root', ['HERE/one > d/a.root']],
    ['file:HERE/one new/@disk:1', ['HERE/one > new/one']],
    ['file:HERE/one new\\@disk:1', ['HERE/one > new@disk:1']],
    ['file:HERE/up new', up.map((name) => `HERE/up/${name} > new/up/${name}`)],
    ['file:HERE/up/ new', up.map((name) => `HERE/up/${name} > new/${name}`)],
    ['-name root$ file:HERE/up/ new', ['a.root', 'sub/c d.root'].map((name) => `HERE/up/${name} > new/${name}`)],
    ['-glob s*.sh -minsize 3 file:HERE/up/ new', ['HERE/up/sub/e.sh > new/sub/e.sh']],
    ['file:HERE/up/*.sh new', ['HERE/up/sub/e.sh > new/sub/e.sh']],
    ['file:HERE/u*/e.sh new', ['HERE/up/sub/e.sh > new/up/sub/e.sh']],
    ['file:HERE/names/s* new', ['HERE/names/star* > new/star*']],
    // That very name is there.
    ['file:HERE/names/star* new', ['HERE/names/star* > new']],
    ['-l 2 -o 1 file:HERE/up/ new', up.slice(1, 3).map((name) => `HERE/up/${name} > new/${name}`)],
    ['-parent 1 file:HERE/up/sub/e.sh new', ['HERE/up/sub/e.sh > new/sub/e.sh']],
  ];
  for (const [line, copies] of uploads) {
    expect(await dryRun(user, here, ...line.split(' ')), line).toEqual({ status: 0, copies, failures: [] });
  }
  for (const [destination, where] of [
    ['new', []],
    ['new@disk:3,!A::B::C', ['disk:3', '!A::B::C']],
  ] as const) {
    const { out } = await user.alien('cp', '-json', '-dryrun', `file:${here}/one`, destination);
    expect(JSON.parse(out).results[0].where).toEqual(where);
  }
  expect(user.central.world.catalogue.get(`${home}/new`)).toBeUndefined();
});

test('what stops a copy before it begins', async () => {
  const user = await gridUser({ seed });
  const here = await folderWith('one', 'other/one', 'bad/one');
  for (const [line, status, text] of [
    ['d/a.root other/a.root', 1, 'both on the Grid'],
    ['file:HERE/one file:HERE/two', 1, 'both on this machine'],
    ['nothere file:HERE', 2, 'not on the Grid'],
    ['file:HERE/nothere d', 2, 'not on this machine'],
    ['d/a.root/ file:HERE', 20, 'not a directory'],
    ['d file:HERE/one', 20, 'is a file'],
    ['file:HERE/other d/a.root', 20, 'is a file'],
    ['-name nosuch d file:HERE', 42, 'nothing'],
    ['d/*.nosuch file:HERE', 42, 'nothing'],
    ['nothere/*.root file:HERE', 2, 'not on the Grid'],
    ['file:HERE/other/*.nosuch d', 42, 'nothing'],
    ['-name x d/*.root file:HERE', 22, 'cannot be used together'],
    ['-glob x file:HERE/o* d', 22, 'cannot be used together'],
    ['-name nosuch file:HERE/other d', 42, 'nothing'],
    ['file:HERE/one new@disk2', 64, 'says no place'],
    ['file:HERE/one new@disk:0', 64, 'says no place'],
    ['nothere@disk2 file:HERE', 64, 'says no place'],
    ['-dst file:HERE d/a.root other/a.root', 17, 'would both be'],
    ['-dst new file:HERE/one file:HERE/other/one', 17, 'would both be'],
    ['-rmprefix 9 d/a.root file:HERE/', 22, 'leaves nothing'],
    ['-jobid 3 file:HERE/other d', 22, 'known to the Grid only'],
    ['-j 3 file:HERE/other d', 22, 'known to the Grid only'],
    ['-input HERE/nosuch', 1, 'cannot read'],
  ] as const) {
    const words = line.split(' ').map((word) => word.replace('HERE', here));
    const ran = await user.alien('cp', ...words);
    expect({ line, status: ran.status }).toEqual({ line, status });
    expect(ran.err, line).toContain(text);
    expect(ran.err.split('\n').length, line).toBeLessThan(5);
  }
  expect(user.central.requests.map(({ command }) => command)).not.toContain('access');
});

test('a list of copies, with comments and names in quotes', async () => {
  const user = await gridUser({ seed });
  const here = await folderWith('one two');
  writeFileSync(join(here, 'list'), `# a\n; b\n// c\nd/a.root file:${here}/\n"file:${here}/one two" "d/"\n`);
  expect((await dryRun(user, here, '-input', 'HERE/list')).copies).toEqual([
    'd/a.root > HERE/a.root',
    'HERE/one two > d/one two',
  ]);
});

test('what cannot go to the Grid is named, and the rest is still copied', async () => {
  const user = await gridUser();
  const bad = nameFromBytes(Buffer.from([0x62, 0xff]));
  const here = await folderWith('up/a', `up/${bad}`);
  symlinkSync('a', join(here, 'up/link'));
  execFileSync('mkfifo', [join(here, 'up/pipe')]);
  mkdirSync(join(here, 'up/empty'));
  const told = await dryRun(user, here, 'file:HERE/up/', 'new');
  expect(told.copies).toEqual(['HERE/up/a > new/a']);
  expect(told.failures.map((one) => one.replace(/^\S+up\//, ''))).toEqual([
    "b\\xff' has a name that is not UTF-8, which the Grid cannot hold",
    "link' is a link, which the Grid cannot hold; name what it leads to",
    "pipe' is neither a file nor a directory",
  ]);
  expect(told.status).toBe(1);
  const { err } = await user.alien('cp', '-dryrun', `file:${here}/up/`, 'new');
  expect(err).toContain('1 empty directory is not made on the Grid');
});

test('names of a server that lead elsewhere are refused, and nothing else', async () => {
  const user = await gridUser({ seed: [...seed, { path: `${home}/evil/ok`, size: 3, md5 }] });
  const { world } = user.central;
  const ok = world.catalogue.get(`${home}/evil/ok`)!;
  const { guid: _, ...bare } = ok;
  world.catalogue.put({ ...bare, path: `${home}/evil/..`, type: 'd' });
  world.catalogue.put({ ...bare, path: `${home}/evil/../out` });
  const here = await scratchFolder();
  const told = await dryRun(user, here, 'evil/', 'file:HERE');
  expect(told.copies).toEqual(['evil/ok > HERE/ok']);
  expect(told.failures.join()).toContain('leads elsewhere');
  expect(told.status).toBe(1);
});

test('variables and options that change nothing are told, and -site is asked as from there', async () => {
  const user = await gridUser({ seed });
  const here = await scratchFolder();
  const { main } = await import('../main.ts');
  const err: string[] = [];
  const output = { out: () => undefined, err: (text: string) => void err.push(text) };
  const env = { ...user.env, XRD_PARALLELEVTLOOP: '3', XRD_CPPARALLELCHUNKS: 'x' };
  await main('alien_cp', ['-skipmd5', '-dryrun', 'd/a.root', `file:${here}`], { env, output });
  expect(err.join('')).toContain('cp: XRD_PARALLELEVTLOOP changes nothing here\n');
  expect(err.join('')).toContain("cp: XRD_CPPARALLELCHUNKS counts as not set: 'x' is not a whole number");
  expect(err.join('')).toContain('cp: -skipmd5 changes nothing');
  await user.alien('cp', '-site', 'CERN', 'd/a.root', `file:${here}`);
  expect(user.central.requests).toContainEqual(expect.objectContaining({ command: 'setSite', options: ['CERN'] }));
});
