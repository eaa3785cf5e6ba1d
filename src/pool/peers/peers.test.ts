import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { after, hasSshd, type LoopbackOptions, loopbackSshd } from '../../../test/ssh/loopback-sshd.ts';
import { until } from '../../../test/waiting.ts';
import { LocalPeer } from './local-peer.ts';
import { RemotePeer, type RemotePeerOptions } from './remote-peer.ts';

/** A peer behind an sshd of its own, with `a.tar` collected. */
async function remote(server: LoopbackOptions = {}, more: Partial<RemotePeerOptions> = {}) {
  const sshd = await loopbackSshd(server);
  const folder = await scratchFolder();
  const [from, to] = [`${folder}/collect`, `${folder}/stage`];
  for (const made of [from, to, `${folder}/work`]) mkdirSync(made);
  writeFileSync(`${from}/a.tar`, 'aaa');
  writeFileSync(`${from}/cback.collect`, '');
  const { rshCommand, rcpCommand } = sshd;
  const options = { name: '127.0.0.1', collectDir: from, workingDir: `${folder}/work`, rshCommand, rcpCommand };
  return { sshd, folder, from, to, peer: new RemotePeer({ ...options, ...more }) };
}

const failure = (promise: Promise<unknown>): Promise<{ code: string; message: string; hint?: string }> =>
  promise.then(
    () => expect.unreachable('it did not fail'),
    (error) => error,
  );

/** Of a public key, as ssh shows it. */
const fingerprint = (path: string): string =>
  execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).split(' ')[1]!;

test('a local peer by hand', async () => {
  const folder = await scratchFolder();
  for (const made of ['c', 't']) mkdirSync(`${folder}/${made}`);
  const peer = new LocalPeer({ name: 'a', collectDir: `${folder}/c` });
  expect(await peer.checkCollectIndicator()).toBe(false);
  expect((await failure(peer.stagePeer(`${folder}/t`))).message).toBe('there are no files to stage');
  writeFileSync(`${folder}/c/x`, 'x', { mode: 0o640 });
  writeFileSync(`${folder}/c/ready`, '');
  expect(await peer.checkCollectIndicator('ready')).toBe(true);
  expect(await peer.stagePeer(`${folder}/t`, { permissions: 0o600 })).toBe(2);
  expect(lstatSync(`${folder}/t/x`).mode & 0o7777).toBe(0o600);
  expect(readdirSync(`${folder}/t`)).toEqual(['ready', 'x']);
  await peer.writeStageIndicator('staged', { permissions: 0o604 });
  expect(lstatSync(`${folder}/c/staged`).mode & 0o7777).toBe(0o604);
  expect((await failure(peer.stagePeer(`${folder}/none`))).code).toBe('unavailable');
  expect(
    (await failure(new LocalPeer({ name: 'a', collectDir: `${folder}/none` }).stagePeer(`${folder}/t`))).code,
  ).toBe('unavailable');
});

test.each([1, 100])('a local peer with large files and %i small ones', async (small) => {
  const folder = await scratchFolder();
  for (const made of ['c/below', 't']) mkdirSync(`${folder}/${made}`, { recursive: true });
  const large = (letter: string) => Buffer.alloc(20 * 1024 * 1024, `${letter} large file `);
  for (const letter of ['a', 'b', 'c', 'd']) writeFileSync(`${folder}/c/below/${letter}`, large(letter));
  for (let at = 0; at < small; at += 1) writeFileSync(`${folder}/c/${at}`, `small ${at}`);
  writeFileSync(`${folder}/c/between`, Buffer.alloc(1024 * 1024, 'x'));
  expect(await new LocalPeer({ name: 'a', collectDir: `${folder}/c` }).stagePeer(`${folder}/t`)).toBe(small + 5);
  for (const letter of ['a', 'b', 'c', 'd']) {
    expect(readFileSync(`${folder}/t/below/${letter}`).equals(large(letter))).toBe(true);
  }
  for (let at = 0; at < small; at += 1) expect(readFileSync(`${folder}/t/${at}`, 'utf8')).toBe(`small ${at}`);
  expect(readdirSync(`${folder}/t`).length).toBe(small + 2);
});

needing(hasSshd).describe('a remote peer', () => {
  test('by hand: ready, staged, told, and asked to do something, over one session each', async () => {
    const cback = `${await scratchFolder()}/my cback`;
    writeFileSync(cback, '#!/bin/sh\nprintf "%s|" "$@"\n', { mode: 0o755 });
    const { peer, to, from, sshd } = await remote({}, { cbackCommand: `"${cback}" -x` });
    expect(await peer.readiness()).toEqual({ state: 'ready' });
    expect(await peer.checkCollectIndicator('other')).toBe(false);
    const before = sshd.connections();
    expect(await peer.stagePeer(to)).toBe(2);
    expect(sshd.connections()).toBe(before + 1);
    expect(readdirSync(to)).toEqual(['a.tar', 'cback.collect']);
    await peer.writeStageIndicator('cback.$(id)');
    expect(existsSync(`${from}/cback.$(id)`)).toBe(true);
    expect(await peer.executeRemoteCommand('echo $((1 + 1)); echo two')).toBe('2\ntwo\n');
    expect(await peer.executeManagedAction('collect', true)).toBe('-x|--full|collect|');
    expect(await failure(peer.executeManagedAction('x; id', false))).toMatchObject({ code: 'configuration' });
    expect(await failure(peer.executeRemoteCommand('echo no >&2; exit 3'))).toMatchObject({ code: 'program' });
  });

  test('computes the digests of small and of large files, whatever their names', async () => {
    const { peer, from } = await remote();
    for (const name of ['sm\nall', 'lar\nge \'"'])
      writeFileSync(`${from}/${name}`, Buffer.alloc(name.length > 7 ? 9_000_000 : 9));
    const session = await peer.open();
    const digests = await session.digests(0);
    await session.close();
    const here = ['a.tar', 'cback.collect', 'lar\nge \'"', 'sm\nall'].map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(`${from}/${name}`))
        .digest('hex'),
    ]);
    expect([...digests!].sort()).toEqual(here);
  });

  test('whose host key has changed is not who it was', async () => {
    const { peer, sshd, to } = await remote();
    sshd.changeHostKey();
    expect(await peer.checkCollectIndicator()).toBe(false);
    expect(await peer.readiness()).toMatchObject({
      state: 'unreachable',
      reason: "peer '127.0.0.1' cannot be reached: its host key has changed",
    });
    const { hint } = await failure(peer.stagePeer(to));
    expect(hint).toContain(`: ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${sshd.folder}/known_hosts, then`);
    expect(hint).toContain(
      `only if ${fingerprint(`${sshd.folder}/other-host.pub`)}, which it has now, is the one that`,
    );
    expect(hint).toContain(`then ssh -p ${sshd.port} 127.0.0.1 as the user`);
    // And it does what it says.
    const forget = /ssh-keygen -R[^,]*/.exec(hint!)![0];
    execFileSync('/bin/sh', ['-c', forget], { stdio: 'ignore' });
    expect((await failure(peer.stagePeer(to))).message).toContain('is not known');
    expect(readdirSync(to)).toEqual([]);
  });

  test('whose host key is not known is not asked for anything', async () => {
    const { peer, sshd } = await remote();
    writeFileSync(`${sshd.folder}/known_hosts`, '');
    expect(await peer.readiness()).toMatchObject({
      state: 'unreachable',
      reason: expect.stringContaining('is not known'),
      error: {
        hint: `as the user that the backup runs as, ssh -p ${sshd.port} 127.0.0.1 shows a fingerprint: say yes only if it is the one that 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' prints on that machine itself`,
      },
    });
  });

  test('that does not let us in', async () => {
    const { peer, sshd } = await remote();
    writeFileSync(`${sshd.folder}/client.pub`, '');
    expect(await peer.readiness()).toMatchObject({
      state: 'unreachable',
      reason: expect.stringContaining('does not let us in'),
    });
  });

  test('that nobody listens for', async () => {
    const { peer } = await remote({}, { rshCommand: '/usr/bin/ssh -p 1' });
    expect(await peer.readiness()).toMatchObject({ state: 'unreachable', reason: expect.stringContaining('refused') });
  });

  test('that hangs before it says a word', async () => {
    const { peer } = await remote({ mute: 9 }, { connectTimeoutSeconds: 1 });
    expect(await peer.readiness()).toMatchObject({
      state: 'unreachable',
      reason: expect.stringContaining('timed out'),
    });
  });

  test('that dies in the middle of a file leaves nothing, and the next try goes on', async () => {
    const { peer, to, from } = await remote({ between: after(400_000, 'cut', 1) });
    writeFileSync(`${from}/large`, Buffer.alloc(3_000_000, 'x'));
    expect(await failure(peer.stagePeer(to))).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/broke off|ended early/),
    });
    expect(readdirSync(to)).toEqual(['.stowage-stage']);
    expect(readdirSync(`${to}/.stowage-stage`)).not.toContain('large');
    expect(await peer.stagePeer(to)).toBe(3);
    expect(readFileSync(`${to}/large`).equals(readFileSync(`${from}/large`))).toBe(true);
    expect(readdirSync(to)).toEqual(['a.tar', 'cback.collect', 'large']);
  });

  test('is not left computing digests when the session has broken off', async () => {
    const { peer, folder, to, from } = await remote({ between: after(400_000, 'cut', 1) });
    writeFileSync(`${from}/large`, Buffer.alloc(3_000_000, 'x'));
    const pid = `${folder}/pid`;
    writeProgram(
      folder,
      'sha256sum',
      `#!/bin/sh\ncase $2 in /dev/null) exec /usr/bin/sha256sum "$@";; esac\necho $$ >'${pid}'\nexec sleep 300\n`,
    );
    // Nothing is sent before that has begun.
    const tar = `#!/bin/sh\ncase $1 in --version) exec /bin/tar --version;; esac\nuntil [ -s '${pid}' ]; do sleep 0.01; done\nexec /bin/tar "$@"\n`;
    const cut = await withProgram(peer, folder, 'tar', tar);
    expect(await failure(cut.stagePeer(to))).toMatchObject({ code: 'unavailable' });
    await until('it is gone', () => !existsSync(`/proc/${readFileSync(pid, 'utf8').trim()}`));
  });

  test('whose tar is killed leaves its shell alive, and is a failure at once', async () => {
    const { peer, folder, to } = await remote();
    const tar = `#!/bin/sh\ncase $1 in --version) exec /bin/tar --version;; esac\nhead -c 700 /dev/zero | tr '\\0' x; kill -9 $$\n`;
    const cut = await withProgram(peer, folder, 'tar', tar);
    expect(await failure(cut.stagePeer(to))).toMatchObject({ code: expect.stringMatching(/unavailable|corrupt/) });
  });

  test.each([
    [
      'digests that are not those of what it sends',
      'sha256sum',
      '#!/bin/sh\nexec /usr/bin/sha256sum "$@" | sed s/./0/\n',
      'changed',
    ],
    [
      'a tar that is none',
      'tar',
      '#!/bin/sh\ncase $1 in --version) exec /bin/tar --version;; esac\nyes | head -c 5000\n',
      'corrupt',
    ],
    [
      'a name that leads out',
      'tar',
      '#!/bin/sh\ncase $1 in --version) exec /bin/tar --version;; esac\nexec /bin/tar -c -P -f - --transform "s,.*,../../out," a.tar\n',
      'refused',
    ],
    [
      'less than it has',
      'tar',
      '#!/bin/sh\ncase $1 in --version) exec /bin/tar --version;; esac\nexec /bin/tar -c -f - ./cback.collect\n',
      'changed',
    ],
    ['a listing that is none', 'find', '#!/bin/sh\necho rubbish\n', 'unavailable'],
    ['complaints', 'find', '#!/bin/sh\n/usr/bin/find "$@"; echo "cannot read it" >&2; exit 1\n', 'unavailable'],
  ])('that lies: %s', async (_, program, text, code) => {
    const { peer, folder, to } = await remote();
    const liar = await withProgram(peer, folder, program, text);
    expect(await failure(liar.stagePeer(to))).toMatchObject({ code });
    expect(readdirSync(to).filter((name) => name !== '.stowage-stage')).toEqual([]);
    expect(existsSync(`${folder}/out`)).toBe(false);
  });

  test.each([
    [
      'no sha256sum',
      {
        sha256sum: '#!/bin/sh\nexit 1\n',
        openssl: '#!/bin/sh\nexit 1\n',
        shasum: '#!/bin/sh\nexit 1\n',
        sha256: '#!/bin/sh\nexit 1\n',
      },
    ],
    [
      'a sha256sum without -z',
      { sha256sum: '#!/bin/sh\ncase $1 in -z) exit 1;; esac\nexec /usr/bin/sha256sum "$@"\n' },
    ],
    [
      'a find that knows no -printf',
      { find: '#!/bin/sh\ncase "$*" in *-printf*) exit 1;; esac\nexec /usr/bin/find "$@"\n' },
    ],
    [
      'a small tar, and nothing of GNU',
      {
        tar: '#!/bin/sh\ncase "$*" in *--*) exit 1;; esac\nexec /bin/tar "$@"\n',
        find: '#!/bin/sh\ncase "$*" in *-printf*) exit 1;; esac\nexec /usr/bin/find "$@"\n',
      },
    ],
  ])('that has %s is staged all the same', async (_, programs) => {
    const { peer, folder, from, to } = await remote();
    mkdirSync(`${from}/sub\nfolder`);
    writeFileSync(`${from}/sub\nfolder/ü '"x`, 'x');
    symlinkSync('nowhere', `${from}/link`);
    const entries = Object.entries(programs);
    for (const [name, text] of entries.slice(1)) writeProgram(folder, name, text);
    const small = await withProgram(peer, folder, entries[0]![0], entries[0]![1]);
    expect(await small.stagePeer(to)).toBe(3);
    expect(readFileSync(`${to}/sub\nfolder/ü '"x`, 'utf8')).toBe('x');
    expect(lstatSync(`${to}/link`).isSymbolicLink()).toBe(true);
    writeFileSync(`${from}/a.tar`, 'changed');
    expect(await small.stagePeer(to)).toBe(3);
    expect(readFileSync(`${to}/a.tar`, 'utf8')).toBe('changed');
  });

  test.each([
    ['sftp alone', ['ForceCommand internal-sftp']],
    ['a forced command that is no shell', ['ForceCommand /usr/lib/openssh/sftp-server']],
  ])('that allows %s is staged by the copy command', async (_, config) => {
    const { peer, from, to, folder } = await remote({ config });
    mkdirSync(`${from}/sub`);
    for (const name of ['sub/.dot', 'new\nline', '*[x]', '$(id)']) writeFileSync(`${from}/${name}`, name);
    expect(await peer.readiness()).toEqual({ state: 'ready' });
    expect(await peer.readiness('other')).toMatchObject({ state: 'not-ready' });
    expect(await peer.stagePeer(to)).toBe(6);
    for (const name of ['sub/.dot', 'new\nline', '*[x]', '$(id)'])
      expect(readFileSync(`${to}/${name}`, 'utf8')).toBe(name);
    await peer.writeStageIndicator();
    expect(existsSync(`${from}/cback.stage`)).toBe(true);
    expect(readdirSync(`${folder}/work`)).toEqual([]);
  });

  test('whose configuration tries to be shell', async () => {
    const folder = await scratchFolder();
    const evil = `${folder}/a$(touch ${folder.slice(1).replaceAll('/', '_')})\`id\`;x'"`;
    mkdirSync(evil);
    const { peer, to } = await remote({}, { collectDir: evil, cbackCommand: 'echo $(id) ;id' });
    writeFileSync(`${evil}/cback.collect`, '');
    expect(await peer.readiness()).toEqual({ state: 'ready' });
    expect(await peer.stagePeer(to)).toBe(1);
    await peer.writeStageIndicator();
    expect(readdirSync(evil).sort()).toEqual(['cback.collect', 'cback.stage']);
    expect(await peer.executeManagedAction('collect', false)).toBe('$(id) ;id collect\n');
  });
});

/** The same peer, on whose machine this program comes first. */
async function withProgram(peer: RemotePeer, folder: string, name: string, text: string): Promise<RemotePeer> {
  const bin = writeProgram(folder, name, text);
  const shell = `${folder}/ssh`;
  // In the place of `exec /bin/sh`: the same, with another PATH.
  const rest = peer.rshCommand.slice(1).join(' ');
  writeFileSync(
    shell,
    `#!/bin/sh\nfor last do :; done\n[ "$last" = 'exec /bin/sh' ] || exit 99\nset -- "$@"\nexec /usr/bin/ssh ${rest} -o BatchMode=yes 127.0.0.1 "PATH=${bin}:\\$PATH exec /bin/sh"\n`,
  );
  chmodSync(shell, 0o755);
  return new RemotePeer({
    ...{ name: peer.name, collectDir: peer.collectDir, workingDir: peer.workingDir },
    rshCommand: shell,
  });
}

function writeProgram(folder: string, name: string, text: string): string {
  const bin = `${folder}/bin`;
  mkdirSync(bin, { recursive: true });
  writeFileSync(`${bin}/${name}`, text, { mode: 0o755 });
  return bin;
}
