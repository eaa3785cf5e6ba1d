import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { hasSshd, type LoopbackOptions, loopbackSshd } from '../../../test/ssh/loopback-sshd.ts';
import { accountOf } from '../../programs/account.ts';
import { gcmFirst, hasAes, quickCiphers } from './quick-ciphers.ts';
import { RemotePeer, type RemotePeerOptions } from './remote-peer.ts';

test.each([
  [
    'chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com',
    'aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr',
  ],
  ['aes256-gcm@openssh.com,aes128-ctr', undefined],
  ['chacha20-poly1305@openssh.com,aes128-ctr', undefined],
])('of %s come first those of AES-GCM: %s', (list, expected) => {
  expect(gcmFirst(list)).toBe(expected);
});

test.each([
  ['flags\t\t: fpu sse4_2 aes xsave', true],
  ['Features\t: fp asimd aes pmull', true],
  ['processor\t: 0\nflags\t\t: fpu vaes sse', false],
  ['model name\t: aes\nflags\t\t: fpu', false],
  ['', false],
])('of a processor of %j: %s', (cpuinfo, expected) => {
  expect(hasAes(cpuinfo)).toBe(expected);
});

const isRoot = process.geteuid?.() === 0;
const ssh = '/usr/bin/ssh';
const ownList = hasSshd
  ? execFileSync(ssh, ['-G', '-F', 'none', 'x'], { encoding: 'utf8' }).match(/^ciphers (.*)$/m)?.[1]
  : undefined;
const isHere =
  process.platform === 'linux' &&
  hasAes(readFileSync('/proc/cpuinfo', 'latin1')) &&
  ownList !== undefined &&
  gcmFirst(ownList) !== undefined;
const preferred = ownList?.split(',')[0];

/** A peer whose ssh writes down which cipher it came to. */
async function remote(server: LoopbackOptions = {}) {
  const sshd = await loopbackSshd(server);
  const folder = await scratchFolder();
  const log = `${folder}/ssh.log`;
  for (const made of ['collect', 'work']) mkdirSync(`${folder}/${made}`);
  writeFileSync(`${folder}/collect/cback.collect`, '');
  const rshCommand = `${sshd.rshCommand} -o LogLevel=DEBUG -E ${log}`;
  const options = { name: '127.0.0.1', collectDir: `${folder}/collect`, workingDir: `${folder}/work` };
  const cipher = async (more: Partial<RemotePeerOptions> = {}) => {
    const peer = new RemotePeer({ ...options, rshCommand, rcpCommand: sshd.rcpCommand, ...more });
    expect(await peer.readiness()).toEqual({ state: 'ready' });
    return /kex: server->client cipher: (\S+)/.exec(readFileSync(log, 'utf8'))?.[1];
  };
  return { sshd, folder, log, cipher };
}

const asNobody = { localUser: 'nobody', remoteUser: 'root' };

/** The same, with a key for nobody alone. */
async function remoteOfNobody() {
  const there = await remote();
  const { sshd, folder, log } = there;
  const { uid, gid } = await accountOf('nobody');
  for (const made of [sshd.folder, folder]) chmodSync(made, 0o755);
  writeFileSync(log, '');
  for (const file of [log, ...['client', 'known_hosts', 'ssh_config'].map((name) => `${sshd.folder}/${name}`)])
    chownSync(file, uid, gid);
  return there;
}

needing(hasSshd && isHere).describe('the cipher of a session', () => {
  test('is AES-GCM where nobody has chosen one', async () => {
    const { cipher } = await remote();
    expect(await cipher()).toMatch(/^aes\d+-gcm@openssh\.com$/);
  });

  test.each(['aes192-ctr', '^aes192-ctr', `-${preferred}`])(
    'is that of the configuration: Ciphers %s',
    async (list) => {
      const { cipher, sshd } = await remote();
      appendFileSync(sshd.sshConfig, `  Ciphers ${list}\n`);
      expect(await cipher()).toBe(list.startsWith('-') ? ownList!.split(',')[1] : 'aes192-ctr');
    },
  );

  test.each([
    'host 127.0.0.1',
    // By what ssh is to run, and by the name that it was given.
    'originalhost 127.*',
  ])('is that of a Match %s', async (match) => {
    const { cipher, sshd } = await remote();
    appendFileSync(sshd.sshConfig, `Match ${match}\n  Ciphers aes256-ctr\n`);
    expect(await cipher()).toBe('aes256-ctr');
  });

  test.each(['-c aes128-ctr', '-o Ciphers=aes128-ctr'])('is that of the copy command: %s', async (option) => {
    const { cipher, sshd } = await remote();
    expect(await cipher({ rcpCommand: `${sshd.rcpCommand} ${option}` })).toBe('aes128-ctr');
  });

  test('is that of the remote shell command', async () => {
    const { cipher, sshd, log } = await remote();
    const rshCommand = `${sshd.rshCommand} -o LogLevel=DEBUG -E ${log} -c aes256-ctr`;
    expect(await cipher({ rshCommand })).toBe('aes256-ctr');
  });

  test('is one that the server allows', async () => {
    const { cipher } = await remote({ config: ['Ciphers chacha20-poly1305@openssh.com'] });
    expect(await cipher()).toBe('chacha20-poly1305@openssh.com');
  });

  test('is not asked for of a script, which runs once and as before', async () => {
    const { cipher, sshd, folder, log } = await remote();
    const rshCommand = `${folder}/ssh`;
    const options = `-F ${sshd.sshConfig} -o LogLevel=DEBUG -E ${log}`;
    writeFileSync(rshCommand, `#!/bin/sh\necho "$*" >>${folder}/runs\nexec ${ssh} ${options} "$@"\n`, { mode: 0o755 });
    expect(await cipher({ rshCommand })).toBe(preferred);
    const runs = readFileSync(`${folder}/runs`, 'utf8').trimEnd().split('\n');
    expect(runs).toHaveLength(1);
    expect(runs[0]).not.toContain('Ciphers');
  });

  test('has a Match exec of the configuration run once more', async () => {
    const { cipher, sshd, folder } = await remote();
    appendFileSync(sshd.sshConfig, `Match exec "echo x >>${folder}/ran"\n  Compression no\n`);
    expect(await cipher()).toMatch(/-gcm@/);
    expect(readFileSync(`${folder}/ran`, 'utf8')).toBe('x\nx\n');
  });

  needing(isRoot).test('is that of the user here as whom root connects', async () => {
    const { cipher, sshd } = await remoteOfNobody();
    // Root that asked for itself would hear of no choice.
    appendFileSync(sshd.sshConfig, 'Match localuser nobody\n  Ciphers aes192-ctr\n');
    expect(await cipher(asNobody)).toBe('aes192-ctr');
  });

  needing(isRoot).test('is as before where a su of the configuration stands between', async () => {
    const { cipher, folder } = await remoteOfNobody();
    const suCommand = `${folder}/su`;
    const run = `shift 4\nexec setpriv --reuid 65534 --clear-groups -- sh -c 'exec "$@"' "$@"\n`;
    writeFileSync(suCommand, `#!/bin/sh\n${run}`, { mode: 0o755 });
    expect(await cipher({ ...asNobody, suCommand })).toBe(preferred);
  });
});

describe('nothing is added', () => {
  const target = { host: '127.0.0.1', user: undefined, rcpCommand: ['scp'], connectTimeoutSeconds: 1 };

  test.each([
    ['for another program', ['/usr/bin/rsh']],
    ['for one that is not there', ['/nowhere/ssh']],
    ['where ssh cannot read its configuration', [ssh, '-F', '/nowhere/config']],
  ])('%s', async (_, rshCommand) => {
    expect(await quickCiphers({ ...target, rshCommand }, 'true')).toEqual([]);
  });

  needing(hasSshd && isHere).test.each([
    ['flags : fpu sse', []],
    ['flags : fpu aes', ['-o', `Ciphers=${gcmFirst(ownList ?? '')}`]],
  ])('by what the processor is: %s', async (text, expected) => {
    const cpuinfo = `${await scratchFolder()}/cpuinfo`;
    writeFileSync(cpuinfo, `${text}\n`);
    expect(await quickCiphers({ ...target, rshCommand: [ssh, '-F', 'none'] }, 'true', {}, cpuinfo)).toEqual(expected);
  });
});
