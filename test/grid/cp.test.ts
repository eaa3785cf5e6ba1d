import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runAlien } from '../alien.ts';
import { runBuiltAlien } from '../built-alien.ts';
import { builtCli } from '../built-cli.ts';
import { gridStand } from '../grid-stand.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { hasTmux, terminal } from '../terminal.ts';
import { until } from '../waiting.ts';
import { hasXrootd } from '../xrootd-servers.ts';

const { test } = needing(hasXrootd);
const { test: testInTerminal } = needing(hasXrootd && hasTmux);
const alien = builtCli().replace(/main\.mjs$/, 'alien.mjs');

const count = 300;
const name = (index: number) => `f${String(index).padStart(3, '0')}`;

test('of 300 files one is corrupt and one is gone: the others are here, both are named, and it is no success', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  const lfns = Array.from({ length: count }, (_, index) =>
    stand.plant(`many/${name(index)}`, Buffer.from(name(index))),
  );
  stand.corrupt(lfns[17]!, 'ONE');
  stand.lose(lfns[200]!, 'ONE');
  const here = join(await scratchFolder(), 'here');

  const { status, out, err } = await stand.alien('cp', 'many/', `file:${here}`);
  expect(status).toBe(1);
  expect(err).toContain('2 files not copied:\n');
  expect(err).toMatch(/^ {2}\S+\/many\/f017 -> \S+: .*md5/im);
  expect(err).toMatch(/^ {2}\S+\/many\/f200 -> \S+: /m);
  expect(out.split('\n')).toContain('Successful jobs (1st try): 298/300');
  expect(out.match(/^jobID: \d+\/300 >>> Start /gm)).toHaveLength(count);
  expect(out.match(/^jobID: \d+\/300 >>> STATUS OK >>> SPEED [\d.]+ MiB\/s$/gm)).toHaveLength(298);
  expect(out.match(/^jobID: \d+\/300 >>> STATUS ERROR : \S+\/f(017|200): /gm)).toHaveLength(2);
  const wanted = lfns.map((_, index) => name(index)).filter((one) => one !== 'f017' && one !== 'f200');
  expect(readdirSync(here).sort()).toEqual(wanted);
  for (const one of wanted) expect(readFileSync(join(here, one), 'utf8')).toBe(one);

  // Again: what is there is not copied, and the two are still told.
  const again = await stand.alien('cp', '-json', 'many/', `file:${here}`);
  expect(again.status).toBe(1);
  const told = JSON.parse(again.out);
  expect(told.summary).toMatchObject({ files: count, copied: 0, present: 298, failed: 2, notDone: 0 });
  const failed = told.results.filter(({ outcome }: { outcome: string }) => outcome === 'failed');
  expect(failed.map(({ lfn }: { lfn: string }) => lfn)).toEqual([lfns[17], lfns[200]]);
  for (const one of failed) expect(one.error).not.toBe('');
  expect(told.metadata.exitcode).toBe('1');
});

test('many files at a time: Node finds nothing to warn of', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  for (let index = 0; index < 40; index += 1) stand.plant(`many/${name(index)}`, Buffer.from(name(index)));
  const { status, err } = await runBuiltAlien(stand.env, 'cp', 'many/', `file:${await scratchFolder()}`);
  expect([status, err]).toEqual([0, '']);
});

test('up and down again: names, contents, and a second run that finds all of it', async () => {
  const stand = await gridStand([{ name: 'ONE' }, { name: 'TWO' }]);
  const folder = await scratchFolder();
  const names = ['plain', 'a b', 'x,y@z.txt', 'q?*[1].root', 'naïve ☃', '-dash', 'sub/deep/empty', "it's"];
  for (const one of names) {
    mkdirSync(join(folder, 'up', one, '..'), { recursive: true });
    writeFileSync(join(folder, 'up', one), one.endsWith('empty') ? '' : one);
  }
  const up = await stand.alien('cp', `file:${folder}/up`, 'new');
  expect(up).toMatchObject({ status: 0, err: '' });
  expect(up.out).toContain(`Successful jobs (1st try): ${names.length}/${names.length}\n`);
  const down = await runAlien(stand.env, 'alien_cp', ['-f', 'new/up/', `file:${folder}/down`]);
  expect(down).toMatchObject({ status: 0, err: '' });
  for (const one of names) {
    expect(readFileSync(join(folder, 'down', one), 'utf8')).toBe(one.endsWith('empty') ? '' : one);
  }
  for (const line of [
    ['cp', `file:${folder}/up`, 'new'],
    ['cp', '-f', 'new/up/', `file:${folder}/down`],
  ]) {
    const second = await stand.alien(...line);
    expect(second).toMatchObject({ status: 0, err: '' });
    expect(second.out).toContain('No copy jobs to be done!\n');
    expect(second.out.match(/TARGET VALID/g)).toHaveLength(names.length);
  }
  const piped = await stand.alien(`cp 'new/up/a b' file:${folder}/once/ | grep -c STATUS`);
  expect(piped.status).toBe(0);
});

test('another file of the same size and an older one is not taken for the same, unless that is asked for', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  const folder = await scratchFolder();
  const lfn = stand.plant('there', Buffer.from('one'));
  writeFileSync(join(folder, 'two'), 'two');
  utimesSync(join(folder, 'two'), 1, 1);
  const fast = await stand.alien('cp', '-fastcheck', `file:${folder}/two`, 'there');
  expect(fast).toMatchObject({ status: 0, out: expect.stringContaining('TARGET VALID (size and time)') });
  const up = await stand.alien('cp', `file:${folder}/two`, 'there@disk:1');
  expect(up).toMatchObject({ status: 0, out: expect.stringContaining('STATUS OK') });
  expect(readFileSync(stand.replica(lfn, 'ONE'), 'utf8')).toBe('two');
  writeFileSync(join(folder, 'here'), 'xxx');
  expect((await stand.alien('cp', 'there', `file:${folder}/here`)).status).toBe(0);
  expect(readFileSync(join(folder, 'here'), 'utf8')).toBe('two');
});

test('one file: the status is the errno of its failure', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'a'), 'abc');
  stand.central.setFaults([{ command: 'access', do: { kind: 'error', errno: 77 } }]);
  expect(await stand.alien('cp', '-norecovery', `file:${folder}/a`, 'b')).toMatchObject({ status: 77 });
  stand.central.setFaults([]);
  expect(await stand.alien('cp', `file:${folder}/a`, 'b')).toMatchObject({ status: 0 });
});

testInTerminal(
  'in the shell, a copy shows how far it is, ends by Ctrl-C with what is under way, and goes on',
  async () => {
    const stand = await gridStand([{ name: 'ONE' }]);
    const bytes = Buffer.alloc(10_000, 'x');
    for (let index = 0; index < 30; index += 1) stand.plant(`many/${name(index)}`, bytes);
    // So that it does not end by itself.
    stand.central.setFaults([{ command: 'access', skip: 10, do: { kind: 'stall' } }]);
    const folder = await scratchFolder();
    const shell = terminal(folder, [process.execPath, alien], stand.env);
    await shell.untilEndsWith('>');
    shell.type(`cp -T 2 many/ file:${folder}/here/`);
    shell.press('Enter');
    await shell.untilShows('copying  ');
    const copied = () => readdirSync(join(folder, 'here')).filter((one) => /^f\d+$/.test(one));
    await until('some files are here', () => copied().length === 10);
    shell.press('C-c');
    await shell.untilShows('stopping: ');
    await shell.untilShows('20 files not copied, because it was stopped');
    await shell.untilShows('interrupted: run the same command again');
    await shell.untilEndsWith('>');
    shell.type('exitcode');
    shell.press('Enter');
    await shell.untilShows('130');
    // Nothing is left under a temporary name.
    expect(readdirSync(join(folder, 'here')).sort()).toEqual(copied().sort());
    for (const one of copied()) expect(readFileSync(join(folder, 'here', one)).equals(bytes)).toBe(true);

    stand.central.setFaults([]);
    shell.type(`cp many/ file:${folder}/here/`);
    shell.press('Enter');
    await shell.untilShows('10 files already there');
    await shell.untilShows('Successful jobs (1st try): 20/20');
  },
);

testInTerminal('an upload that stands still is given up at a second Ctrl-C, and nothing is left of it', async () => {
  const stand = await gridStand([{ name: 'ONE', line: { harm: { direction: 'up', bytes: 1 << 20, do: 'stall' } } }]);
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'large'), Buffer.alloc(9 << 20));
  const shell = terminal(folder, [process.execPath, alien], stand.env);
  await shell.untilEndsWith('>');
  shell.type(`cp file:${folder}/large up@disk:1`);
  shell.press('Enter');
  const { relay } = stand.element('ONE');
  await until('it is on its way', () => relay!.passed.some(({ up }) => up >= 1 << 20));
  shell.press('C-c');
  await shell.untilShows('Ctrl-C again gives them up');
  shell.press('C-c');
  await shell.untilShows('interrupted: run the same command again');
  await shell.untilEndsWith('>');
  shell.type('ls up');
  shell.press('Enter');
  await shell.untilShows('No such file or directory : up');
});

test('with -S a file goes over so many connections, up and down', async () => {
  const stand = await gridStand([{ name: 'ONE', line: {} }]);
  const folder = await scratchFolder();
  const bytes = Buffer.alloc(9 << 20, 'abcdefg');
  writeFileSync(join(folder, 'up'), bytes);
  const made = () => stand.element('ONE').relay!.connections.made;
  for (const line of [
    ['-S', '6', `file:${folder}/up`, 'there@disk:1'],
    ['-S', '6', 'there', `file:${folder}/down`],
  ]) {
    const before = made();
    expect((await stand.alien('cp', '-chunksz', '256K', ...line)).status).toBe(0);
    expect(made() - before).toBeGreaterThanOrEqual(6);
  }
  expect(readFileSync(join(folder, 'down')).equals(bytes)).toBe(true);
});
