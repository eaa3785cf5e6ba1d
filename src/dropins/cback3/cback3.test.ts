import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { timeText } from './log.ts';
import { main } from './main.ts';
import { parseOptions } from './switches.ts';

let root: string;
beforeEach(async () => {
  root = await scratchFolder();
  for (const name of ['work', 'collect', 'src']) mkdirSync(`${root}/${name}`);
  writeFileSync(`${root}/src/f`, 'f');
  configure();
});

function configure(more = '', source = 'src'): void {
  writeFileSync(
    `${root}/cback3.conf`,
    `<cb_config><options><starting_day>monday</starting_day><working_dir>${root}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>scp</rcp_command>${more}</options><collect><collect_dir>${root}/collect</collect_dir><collect_mode>daily</collect_mode><archive_mode>tar</archive_mode><ignore_file>.no</ignore_file><dir><abs_path>${root}/${source}</abs_path></dir></collect></cb_config>`,
  );
}

async function cback3(...argv: readonly string[]) {
  let out = '';
  let err = '';
  const output = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  const clock = { now: () => new Date(2026, 10, 18, 12, 5, 9) };
  const status = await main(['-c', `${root}/cback3.conf`, '-l', `${root}/log`, ...argv], output, { clock });
  const log = existsSync(`${root}/log`) ? readFileSync(`${root}/log`, 'utf8') : '';
  return { status, out, err, log };
}

test('success is silent, and the log says what was done', async () => {
  const { status, out, err, log } = await cback3('collect');
  expect([status, out, err]).toEqual([0, '', '']);
  for (const line of log.trimEnd().split('\n')) {
    expect(line).toMatch(/^2026-11-18T12:05:09 \S+ --> \[(INFO {3}|WARNING|ERROR {2})\] \S/);
  }
  expect(log.trimEnd().split('\n').at(-1)).toMatch(/\[INFO {3}\] Cedar Backup run completed with status 0\.$/);
  expect(statSync(`${root}/log`).mode & 0o777).toBe(0o640);
});

test('what comes behind a failure is told too', async () => {
  configure('', 'absent');
  writeFileSync(
    `${root}/cback3.conf`,
    readFileSync(`${root}/cback3.conf`, 'utf8').replace(
      '</collect>',
      `<dir><abs_path>${root}/src</abs_path></dir></collect>`,
    ),
  );
  const { status, log, out } = await cback3('collect');
  expect(status).toBe(6);
  expect(log).toContain(`Collected [${root}/src]`);
  expect(out).toContain('Error collecting');
  const said = (await cback3('validate')).out;
  expect(said).toContain(`The directory to collect [${root}/absent]`);
  expect(said).toContain('There is no section reference.');
  expect(said).toMatch(/Configuration is not valid\.\n$/);
});

test('a log that is there keeps its mode and is appended to', async () => {
  writeFileSync(`${root}/log`, 'before\n', { mode: 0o604 });
  const { log } = await cback3('-m', '600', 'collect');
  expect(log.startsWith('before\n')).toBe(true);
  expect(statSync(`${root}/log`).mode & 0o777).toBe(0o604);
});

test('what the screen is told', async () => {
  configure('', 'absent');
  expect(await cback3('collect')).toMatchObject({ status: 6, out: expect.stringMatching(/^Error collecting .*\n$/) });
  expect((await cback3('-q', 'collect')).out).toBe('');
  expect((await cback3('-b', 'collect')).out).toContain('Cedar Backup run completed with status 6.');
  configure();
  expect((await cback3('-bd', 'collect')).out).not.toBe('');
});

test.each([
  [2, ['--nope', 'collect']],
  [2, []],
  [2, ['-M', '-N', 'collect']],
  [2, ['-o', 'root', 'collect']],
  [2, ['-m', '9', 'collect']],
  [2, ['-c']],
  [3, ['-l', '/nonexistent/log', 'collect']],
  [4, ['bogus']],
  [4, ['all', 'collect']],
  [6, ['store']],
  [4, ['-c', '/nonexistent', 'collect']],
  [0, ['--help']],
  [0, ['-V']],
  [0, ['--diag']],
])('exit %d: %j', async (expected, argv) => {
  expect((await cback3(...argv)).status).toBe(expected);
});

test('all that is wrong with a configuration is told at once, and nothing is done', async () => {
  configure('<starting_day>friday</starting_day><workingdir>x</workingdir>');
  const text = readFileSync(`${root}/cback3.conf`, 'utf8');
  writeFileSync(`${root}/cback3.conf`, text.replace('monday', 'Monday').replace('daily', 'dayly'));
  const { status, out, log } = await cback3('collect');
  expect(status).toBe(4);
  expect(out).toContain('starting_day');
  expect(out).toContain("is 'daily' meant?");
  expect(log).toContain('[WARNING] options › workingdir');
  expect(existsSync(`${root}/collect/cback.collect`)).toBe(false);
});

test('hooks: before and after, without a shell; one that fails ends the run', async () => {
  const hook = (when: string, command: string) =>
    `<${when}_action_hook><action>collect</action><command>${command}</command></${when}_action_hook>`;
  configure(hook('pre', `touch "${root}/a b" ${root}/$HOME;x`) + hook('post', `touch ${root}/after`));
  expect((await cback3('-O', 'collect')).status).toBe(0);
  expect([existsSync(`${root}/a b`), existsSync(`${root}/after`)]).toEqual([true, true]);
  configure(hook('pre', 'false') + hook('post', `touch ${root}/never`));
  expect((await cback3('collect')).status).toBe(6);
  configure(hook('post', 'ls /nonexistent-place'));
  const { status, out } = await cback3('collect');
  expect(status).toBe(6);
  expect(out).toContain('/nonexistent-place');
  configure(hook('post', `touch ${root}/never`), 'absent');
  expect((await cback3('collect')).status).toBe(6);
  expect(existsSync(`${root}/never`)).toBe(false);
});

test('an interrupted run is exit 5', async () => {
  const abort = new AbortController();
  abort.abort();
  const output = { out: () => undefined, err: () => undefined };
  const argv = ['-c', `${root}/cback3.conf`, '-l', `${root}/log`, 'collect'];
  expect(await main(argv, output, { signal: abort.signal })).toBe(5);
  expect(readFileSync(`${root}/log`, 'utf8')).toContain('completed with status 5.');
});

test('switches are read as getopt reads them', () => {
  expect(parseOptions(['-bfc', '/x', '--conf', '/y', '-l/z', '-l', '/zz', 'stage', '--full'])).toMatchObject({
    verbose: true,
    full: true,
    config: '/y',
    logfile: '/zz',
    actions: ['stage', '--full'],
  });
  expect(parseOptions(['--owner=a:b', '--mode', '0600', '--', '-x'])).toMatchObject({
    owner: { user: 'a', group: 'b' },
    mode: 0o600,
    actions: ['-x'],
  });
  expect(() => parseOptions(['--ver', 'x'])).toThrow(/--version or --verbose/);
});

test.each([
  ['UTC', '2026-11-18T12:00:00 UTC'],
  ['Europe/Berlin', '2026-11-18T13:00:00 CET'],
  ['America/New_York', '2026-11-18T07:00:00 EST'],
])('the time in %s is %s', (zone, expected) => {
  const before = process.env.TZ;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  process.env.TZ = zone;
  expect(timeText(new Date('2026-11-18T12:00:00Z'))).toBe(expected);
});
