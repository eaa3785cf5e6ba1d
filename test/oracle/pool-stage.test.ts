import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { needing } from '../needing.ts';
import { ourEnding, poolCases, recordedEnding, root as rootUser } from '../pool-case.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { hasSshd, loopbackSshd } from '../ssh/loopback-sshd.ts';
import { agreesUnlessListed } from './agreement.ts';
import { listedDifferences } from './differences.ts';

const isRoot = process.getuid?.() === 0;
const local = poolCases('s');
const remote = poolCases('r');

/** This one has a small disk of its own. */
const onSmallDisk = 's46-disk-full';
const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0;

needing(isRoot).test.each(local.filter((name) => name !== onSmallDisk))('%s', async (name) => {
  const root = await scratchFolder();
  agreesUnlessListed(name, await ourEnding(name, root), recordedEnding(name, root));
});

needing(isRoot && canMount).test(onSmallDisk, async () => {
  const root = await scratchFolder();
  const ours = await ourEnding(onSmallDisk, root);
  agreesUnlessListed(onSmallDisk, ours, recordedEnding(onSmallDisk, root));
  expect(ours.tree.filter((line) => line.includes('/big'))).toEqual([expect.stringMatching(/^peer1\/big /)]);
});

/** In these the user on the peer is nobody that may do everything. */
const asNobody = ['r12-remote-ro', 'r14-remote-unreadable'];
const command = 'setpriv --reuid 65534 --regid 65534 --clear-groups -- sh -c "$SSH_ORIGINAL_COMMAND"';

needing(isRoot && hasSshd).test.each(remote)('%s', async (name) => {
  const root = await scratchFolder();
  const sshd = await loopbackSshd(asNobody.includes(name) ? { config: [`ForceCommand ${command}`] } : {});
  const ours = await ourEnding(name, root, { scp: sshd.rcpCommand, user: rootUser });
  agreesUnlessListed(name, ours, recordedEnding(name, root, rootUser));
});

test('all that is listed was recorded', () => {
  const listed = [...listedDifferences().keys()].filter((name) => /^[rs][0-9]{2}-/.test(name));
  for (const name of listed) expect([...local, ...remote]).toContain(name);
});
