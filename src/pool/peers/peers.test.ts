import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { hasSshd, loopbackSshd } from '../../../test/ssh/loopback-sshd.ts';
import { growStrangeTree } from '../../../test/ssh/strange-tree.ts';
import { lookAtTree } from '../../../test/tree.ts';
import { RemotePeer } from './remote-peer.ts';

needing(hasSshd).describe('a remote peer', () => {
  test('is staged as it is', async () => {
    const sshd = await loopbackSshd();
    const folder = await scratchFolder();
    growStrangeTree(`${folder}/collect`);
    mkdirSync(`${folder}/stage`);
    const { rshCommand, rcpCommand } = sshd;
    const peer = new RemotePeer({
      name: '127.0.0.1',
      collectDir: `${folder}/collect`,
      workingDir: folder,
      rshCommand,
      rcpCommand,
    });
    expect(await peer.readiness()).toEqual({ state: 'ready' });
    console.log(await peer.stagePeer(`${folder}/stage`));
    expect([...lookAtTree(`${folder}/stage`).keys()].sort()).toEqual(
      [...lookAtTree(`${folder}/collect`).keys()].sort(),
    );
  });
});
