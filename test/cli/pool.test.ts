import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { main as cback3 } from '../../src/dropins/cback3/main.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { stowage, stowageJson } from '../stowage.ts';

let root: string;
let config: string;

beforeEach(async () => {
  root = await scratchFolder();
  config = `${root}/cback3.conf`;
  for (const name of ['work', 'collect', 'one', 'two', 'stage']) mkdirSync(`${root}/${name}`);
  writeFileSync(`${root}/one/f`, 'one');
  writeFileSync(`${root}/two/g`, 'two');
  writeFileSync(
    config,
    `<cb_config><reference></reference><options><starting_day>monday</starting_day><working_dir>${root}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>scp</rcp_command></options>
<collect><collect_dir>${root}/collect</collect_dir><collect_mode>daily</collect_mode><archive_mode>targz</archive_mode><ignore_file>.no</ignore_file><dir><abs_path>${root}/one</abs_path></dir><dir><abs_path>${root}/two</abs_path></dir></collect>
<stage><staging_dir>${root}/stage</staging_dir><peer><name>here</name><type>local</type><collect_dir>${root}/collect</collect_dir></peer></stage>
<purge><dir><abs_path>${root}/collect</abs_path><retain_days>0</retain_days></dir></purge></cb_config>`,
  );
});

test('a night: everything is collected, staged, and purged where it has a copy', async () => {
  expect((await stowage('pool', 'check', config)).status).toBe(0);
  expect((await stowage('pool', 'validate', config)).status).toBe(0);
  const { status, events } = await stowageJson('pool', 'all', config);
  expect(status, JSON.stringify(events)).toBe(0);
  expect(events.map((one) => one.deed)).toEqual(expect.arrayContaining(['collected', 'staged', 'done']));
  const [year] = readdirSync(`${root}/stage`).filter((name) => /^\d{4}$/.test(name));
  const staged = execFileSync('find', [`${root}/stage/${year}`, '-name', '*.tar.gz'], { encoding: 'utf8' });
  const archives = staged.trim().split('\n');
  expect(archives).toHaveLength(2);
  for (const archive of archives) execFileSync('tar', ['-xzf', archive, '-C', root]);
  execFileSync('diff', ['-r', `${root}/one`, `${root}${root}/one`]);
  expect(readdirSync(`${root}/collect`)).toEqual([]);
});

test('twice on a day: what only the first increment holds is not lost by the second', async () => {
  const text = execFileSync('sed', ['s/collect_mode>daily/collect_mode>incr/g', config], { encoding: 'utf8' });
  writeFileSync(config, text);
  for (const file of ['f', 'later']) {
    writeFileSync(`${root}/one/${file}`, file);
    expect((await stowage('pool', 'collect', config)).status).toBe(0);
    expect((await stowage('pool', 'stage', config)).status).toBe(0);
  }
  for (const file of ['f', 'later']) {
    const found = await stowageJson('pool', 'list', config, `${root}/one/${file}`);
    expect(found.events.filter((one) => one.deed === 'found').length, file).toBe(1);
    const to = `${root}/back-${file}`;
    mkdirSync(to);
    expect((await stowage('pool', 'restore', config, `${root}/one/${file}`, '--to', to)).status, file).toBe(0);
    expect(execFileSync('find', [to, '-name', file], { encoding: 'utf8' })).toContain(file);
  }
});

test('a configuration with errors: all are told, exit 3, and nothing is done', async () => {
  const text = execFileSync('sed', ['s/monday/mondy/; s/targz/zip/; s/<dir>/<dirr>/', config], { encoding: 'utf8' });
  writeFileSync(config, text.replaceAll('<dirr>', '<dir>'));
  for (const action of ['check', 'collect', 'import']) {
    const { status, err } = await stowage('pool', action, config);
    expect([action, status]).toEqual([action, 3]);
    expect(err).toContain('starting_day');
    expect(err).toContain("is 'monday' meant?");
    expect(err).toContain('archive_mode');
  }
  expect(existsSync(`${root}/collect/cback.collect`)).toBe(false);
  expect((await stowage('pool', 'check', `${root}/absent`)).status).toBe(3);
});

test('what is imported does the same', async () => {
  const { status, out } = await stowage('pool', 'import', config);
  expect(status).toBe(0);
  writeFileSync(`${root}/pool.json`, out);
  expect((await stowage('pool', 'check', `${root}/pool.json`)).status).toBe(0);
  expect((await stowage('pool', 'collect', `${root}/pool.json`, '--state', `${root}/state`)).status).toBe(0);
  expect(existsSync(`${root}/collect/cback.collect`)).toBe(true);
  expect(existsSync(`${root}/state/collect`)).toBe(true);
  expect(existsSync(`${root}/work/.stowage`)).toBe(false);
});

test('something that cannot be collected is exit 1, and is said where people look', async () => {
  execFileSync('rm', ['-r', `${root}/two`]);
  const { status, err } = await stowage('pool', 'collect', config);
  expect(status).toBe(1);
  expect(err).toContain(`${root}/two`);
  expect((await stowage('pool', 'stage', config)).status).toBe(1);
});

test.each([['bogus'], ['span']])('the action %s is a wrong command line', async (action) => {
  expect((await stowage('pool', action, config)).status).toBe(2);
});

test('a day goes into a store, is found, verified and restored from there; by cback3 too', async () => {
  const whole = readFileSync(config, 'utf8');
  const storing = (target: string) =>
    writeFileSync(
      config,
      whole.replace(
        '<purge>',
        `<store><source_dir>${root}/stage</source_dir><target>${target}</target></store><purge>`,
      ),
    );
  storing('dir:vault');
  const bad = await stowage('pool', 'check', config);
  expect([bad.status, bad.err]).toEqual([
    3,
    expect.stringContaining("must be the URL of a store: dir:/path, hpss:/path, not 'dir:vault'"),
  ]);
  storing('tape:/vault');
  expect((await stowage('pool', 'check', config)).err).toContain("no store of the kind 'tape:'");

  storing(`dir:${root}/vault`);
  expect((await stowage('pool', 'check', config)).status).toBe(0);
  const contact = await stowage('pool', 'check', config, '--contact');
  expect([contact.status, contact.err]).toEqual([1, expect.stringContaining('does not exist')]);
  const early = await stowage('pool', 'verify', config);
  expect(early.err).toContain('stowage pool relearn');
  mkdirSync(`${root}/vault`);
  expect((await stowage('pool', 'check', config, '--contact')).err).not.toContain('vault');
  expect((await stowage('pool', 'all', config)).status).toBe(0);
  expect(await stowage('pool', 'verify', config)).toMatchObject({
    status: 0,
    out: expect.stringContaining(`1 archive of 1 day in dir:${root}/vault is as it was stored`),
  });
  execFileSync('rm', ['-r', `${root}/stage`]);
  mkdirSync(`${root}/stage`);
  expect((await stowage('pool', 'list', config, `${root}/two/g`)).out).toContain(`[dir:${root}/vault]`);
  const { status } = await stowage('pool', 'restore', config, `${root}/two/g`, '--to', `${root}/back`);
  expect([status, readFileSync(`${root}/back${root}/two/g`, 'utf8')]).toEqual([0, 'two']);

  // Nothing is staged now.
  const output = { out: () => undefined, err: () => undefined };
  const argv = ['-c', config, '-l', `${root}/log`, '-o', 'root:root'];
  expect(await cback3([...argv, 'store'], output)).toBe(6);
  expect(await cback3([...argv, 'collect', 'stage', 'store'], output)).toBe(0);
  expect(readFileSync(`${root}/log`, 'utf8')).toMatch(/\[INFO {3}\] The day \d{4}\/\d\d\/\d\d is in dir:/);
});
