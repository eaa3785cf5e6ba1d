import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { hasSshd, loopbackSshd } from '../../../test/ssh/loopback-sshd.ts';
import { accountOf } from '../../programs/account.ts';
import { RemotePeer } from './remote-peer.ts';

const isRoot = process.geteuid?.() === 0;

/** A peer whose ssh says who runs it; its key is for nobody alone. */
async function peerOf(su?: (folder: string) => string) {
  const { uid, gid } = await accountOf('nobody');
  const sshd = await loopbackSshd();
  const folder = await scratchFolder();
  for (const made of [sshd.folder, folder]) chmodSync(made, 0o755);
  for (const made of ['collect', 'stage', 'work']) mkdirSync(`${folder}/${made}`);
  for (const file of ['client', 'known_hosts', 'ssh_config']) chownSync(`${sshd.folder}/${file}`, uid, gid);
  chownSync(`${folder}/work`, uid, gid);
  writeFileSync(`${folder}/collect/a.tar`, 'aaa');
  writeFileSync(`${folder}/collect/cback.collect`, '');
  const ssh = `${folder}/ssh`;
  writeFileSync(
    ssh,
    `#!/bin/sh\necho "$(id -u) $HOME" >>${folder}/work/who\nexec /usr/bin/ssh -F ${sshd.sshConfig} "$@"\n`,
    { mode: 0o755 },
  );
  const suCommand = su?.(folder);
  const peer = new RemotePeer({
    ...{ name: '127.0.0.1', collectDir: `${folder}/collect`, workingDir: `${folder}/work`, localUser: 'nobody' },
    rshCommand: ssh,
    rcpCommand: `/usr/bin/scp -F ${sshd.sshConfig}`,
    remoteUser: 'root',
    ...(suCommand === undefined ? {} : { suCommand }),
  });
  return { peer, folder, uid };
}

needing(isRoot && hasSshd).test('root reaches a peer as another user, with its home', async () => {
  const { peer, folder, uid } = await peerOf();
  expect(await peer.stagePeer(`${folder}/stage`)).toBe(2);
  expect(readFileSync(`${folder}/work/who`, 'utf8')).toBe(`${uid} ${(await accountOf('nobody')).home}\n`);
  expect(readdirSync(`${folder}/stage`)).toEqual(['a.tar', 'cback.collect']);
});

needing(isRoot && hasSshd).test('or by a su that is configured: one constant text, and arguments', async () => {
  const { peer, folder } = await peerOf((at) => {
    writeFileSync(
      `${at}/su`,
      `#!/bin/sh\nprintf '%s\\n' "$1" "$2" "$3" "$4" "$5" >${at}/work/su\nchown nobody ${at}/work/su\nshift 4\nexec setpriv --reuid 65534 --clear-groups -- sh -c 'exec "$@"' "$@"\n`,
      { mode: 0o755 },
    );
    return `${at}/su`;
  });
  expect(await peer.stagePeer(`${folder}/stage`)).toBe(2);
  expect(readFileSync(`${folder}/work/su`, 'utf8')).toBe('nobody\n-c\nexec "$@"\n--\nsh\n');
});

test('who is not root is nobody else, and an unknown user is named', async () => {
  const options = { name: 'alpha', collectDir: '/c', workingDir: '/w' };
  const other = isRoot ? 'no-such-user' : 'root';
  const error = await new RemotePeer({ ...options, localUser: other }).open().catch((thrown) => thrown);
  expect(error).toMatchObject({ code: isRoot ? 'missing' : 'refused' });
});
