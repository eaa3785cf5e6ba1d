import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, expect } from 'vitest';
import { main } from '../../src/dropins/cback3/main.ts';
import { archiveStem } from '../../src/pool/collect/archive-names.ts';
import { builtCli, runProgram } from '../built-cli.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { hasSshd, loopbackSshd } from '../ssh/loopback-sshd.ts';

/** Debian's, where it is: the same pool, by turns. */
const debian = '/usr/bin/cback3';
const withBoth = needing(existsSync(debian) && hasSshd && process.getuid?.() === 0);

let root: string;
beforeEach(async () => {
  root = await scratchFolder();
  for (const name of ['work', 'collect', 'src', 'stage']) mkdirSync(`${root}/${name}`);
  writeFileSync(`${root}/src/a`, 'first');
  writeFileSync(`${root}/src/b`, 'second');
});

function configure(peers: string, options = '', mode = 'incr'): void {
  writeFileSync(
    `${root}/cback3.conf`,
    `<?xml version="1.0"?><cb_config><reference><author>x</author></reference><options><starting_day>${anotherDay()}</starting_day><working_dir>${root}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>/usr/bin/scp -B</rcp_command>${options}</options>
<peers>${peers}</peers>
<collect><collect_dir>${root}/collect</collect_dir><collect_mode>${mode}</collect_mode><archive_mode>tar</archive_mode><ignore_file>.no</ignore_file><dir><abs_path>${root}/src</abs_path></dir></collect>
<stage><staging_dir>${root}/stage</staging_dir></stage><purge><dir><abs_path>${root}/collect</abs_path><retain_days>0</retain_days></dir></purge></cb_config>`,
  );
}

/** No first day of the week, today and tomorrow, so that incremental archives stay so. */
function anotherDay(): string {
  const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  return days[(new Date().getDay() + 3) % 7]!;
}

const local = () => `<peer><name>here</name><type>local</type><collect_dir>${root}/collect</collect_dir></peer>`;
const line = (log: string) => ['-c', `${root}/cback3.conf`, '-l', `${root}/${log}`, '-o', 'root:root'];

/** Not waited for in one go: the server of ssh lives in this process. */
async function theirs(...argv: readonly string[]): Promise<void> {
  const { status, out, err } = await runProgram(debian, [...line('their.log'), ...argv]);
  expect([status, out, err], `cback3 ${argv.join(' ')}`).toEqual([0, '', '']);
}

async function ours(...argv: readonly string[]): Promise<void> {
  let said = '';
  const hear = (text: string) => {
    said += text;
  };
  const status = await main([...line('our.log'), ...argv], { out: hear, err: hear });
  expect([status, said], `our cback3 ${argv.join(' ')}`).toEqual([0, '']);
}

/** The files of `src` in the archive, as GNU tar has them. */
function archived(folder: string): readonly string[] {
  const names = execFileSync('tar', ['-tf', `${folder}/${archiveStem(`${root}/src`)}.tar`], { encoding: 'utf8' });
  return names
    .split('\n')
    .filter(Boolean)
    .map((name) => name.slice(`${root}/src`.length))
    .sort();
}

function stagedDay(): string {
  const found = execFileSync('find', [`${root}/stage`, '-name', 'cback.stage', '-path', '*/[0-9][0-9]/cback.stage'], {
    encoding: 'utf8',
  });
  return found.trim().replace(/\/cback\.stage$/, '');
}

withBoth.test('theirs collects and ours stages, in one day and again', async () => {
  configure(local());
  await theirs('collect');
  await ours('stage');
  expect(archived(`${stagedDay()}/here`)).toEqual(['a', 'b']);
  expect(existsSync(`${root}/collect/cback.stage`)).toBe(true);
  writeFileSync(`${root}/src/c`, 'third');
  await theirs('collect');
  await ours('stage');
  expect(archived(`${stagedDay()}/here`)).toEqual(['c']);
});

withBoth.test('ours collects and theirs stages: what it staged is not collected again', async () => {
  configure(local());
  await ours('collect');
  await theirs('stage');
  expect(archived(`${stagedDay()}/here`)).toEqual(['a', 'b']);
  writeFileSync(`${root}/src/c`, 'third');
  await ours('collect');
  expect(archived(`${root}/collect`)).toEqual(['c']);
  await theirs('stage');
  await ours('purge');
  expect(readdirSync(`${root}/collect`)).toEqual([]);
  writeFileSync(`${root}/src/d`, 'fourth');
  await ours('collect');
  expect(archived(`${root}/collect`)).toEqual(['d']);
});

withBoth.test('each manages the peers of the other', async () => {
  const sshd = await loopbackSshd();
  const program = (name: string, text: string) => {
    writeFileSync(`${root}/${name}`, `#!/bin/sh\n${text}\n`);
    chmodSync(`${root}/${name}`, 0o755);
    return `${root}/${name}`;
  };
  const rsh = program('rsh', `exec ${sshd.rshCommand} "$@"`);
  const peer = `<peer><name>127.0.0.1</name><type>remote</type><collect_dir>${root}/collect</collect_dir><managed>Y</managed></peer>`;
  const managed = (cback: string) =>
    configure(
      peer,
      `<rsh_command>${rsh}</rsh_command><cback_command>${cback}</cback_command><managed_actions>collect</managed_actions>`,
      'daily',
    );

  managed(
    program(
      'our-cback',
      `exec ${process.execPath} ${builtCli().replace(/main\.mjs$/, 'cback3.mjs')} ${line('peer.log').join(' ')} "$@"`,
    ),
  );
  await theirs('--managed-only', 'collect');
  expect(archived(`${root}/collect`)).toEqual(['a', 'b']);
  expect(readFileSync(`${root}/peer.log`, 'utf8')).toContain('completed with status 0.');

  execFileSync('rm', ['-r', `${root}/collect`]);
  mkdirSync(`${root}/collect`);
  managed(program('their-cback', `exec ${debian} ${line('peer2.log').join(' ')} "$@"`));
  await ours('--managed-only', '--full', 'collect');
  expect(archived(`${root}/collect`)).toEqual(['a', 'b']);
  expect(readFileSync(`${root}/peer2.log`, 'utf8')).toContain('--full');
});
