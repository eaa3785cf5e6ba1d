import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needing } from '../needing.ts';
import { ourEnding, poolCases, recordedEnding, root } from '../pool-case.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { hasSshd, type LoopbackSshd, loopbackSshd } from '../ssh/loopback-sshd.ts';
import { agreesUnlessListed } from './agreement.ts';
import { listedDifferences } from './differences.ts';

const withSshd = needing(hasSshd && process.getuid?.() === 0);
const cases = poolCases('m');

withSshd.test.each(cases)('%s', async (name) => {
  const folder = await scratchFolder();
  chmodSync(folder, 0o755);
  const sshd = await loopbackSshd();
  const told = `${folder}/told`;
  const shims = await shimsOf(sshd, told, name === 'm04-managed-fail' ? 3 : 0);
  const at = `${folder}/case`;
  mkdirSync(at);
  const ours = await ourEnding(name, at, { shims, user: root });
  agreesUnlessListed(
    name,
    { ...ours, told: existsSync(told) ? readFileSync(told, 'utf8').trimEnd().split('\n') : [] },
    { ...recordedEnding(name, at, root), told: recordedCommands(name) },
  );
});

test('all that is listed was recorded', () => {
  const listed = [...listedDifferences().keys()].filter((name) => /^m[0-9]{2}-/.test(name));
  for (const name of listed) expect(cases).toContain(name);
});

/** Programs that stand where the recording had its own: ssh and scp to our server, and a cback that says how it was called. */
async function shimsOf(sshd: LoopbackSshd, told: string, status: number): Promise<string> {
  const folder = await scratchFolder();
  const program = (name: string, line: string) => {
    writeFileSync(`${folder}/${name}`, `#!/bin/sh\n${line}\n`);
    chmodSync(`${folder}/${name}`, 0o755);
  };
  program('sshlog', `exec /usr/bin/ssh -F ${sshd.sshConfig} "$@"`);
  program('scplog', `exec /usr/bin/scp -F ${sshd.sshConfig} "$@"`);
  program('fakecback', `echo "$@" >> ${told}; exit ${status}`);
  program('su', 'exec /usr/bin/su "$@"');
  return folder;
}

/** With which words the original had its peers called. */
function recordedCommands(name: string): readonly string[] {
  const { steps } = JSON.parse(readFileSync(new URL(`pool/cases/${name}/expected.json`, import.meta.url), 'utf8'));
  const lines = steps.flatMap((step: { commands?: readonly string[] }) => step.commands ?? []) as readonly string[];
  return lines.flatMap((line) => /^cbuser: cback (.*?) ?$/.exec(line)?.[1] ?? []);
}
