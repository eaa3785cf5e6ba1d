import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gridUser, runAlien } from '../../../test/alien.ts';
import { userName } from '../../sandbox/jalien/trust/authority.ts';
import { certificatePem } from '../../sandbox/jalien/trust/certificate.ts';

const passphrase = 'correct horse';
const locked = { cipher: 'aes-256-cbc', passphrase } as const;
const forms: readonly (readonly [string, string, (key: KeyObject) => string, isLocked: boolean])[] = [
  ['PKCS#8', 'P-256', (key) => key.export({ type: 'pkcs8', format: 'pem' }) as string, false],
  ['SEC1', 'P-384', (key) => key.export({ type: 'sec1', format: 'pem' }) as string, false],
  ['PKCS#8, encrypted', 'P-256', (key) => key.export({ type: 'pkcs8', format: 'pem', ...locked }) as string, true],
  ['SEC1, encrypted', 'P-256', (key) => key.export({ type: 'sec1', format: 'pem', ...locked }) as string, true],
];

test.each(forms)('a key on an elliptic curve as %s opens a session', async (_, namedCurve, written, isLocked) => {
  const { env, home, central } = await gridUser();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  const validity = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 86_400_000) };
  const content = { subject: userName('jalien'), publicKey: createPublicKey(privateKey), ...validity };
  const certificate = certificatePem(content, central.world.authority.signer);
  const files = { X509_USER_CERT: join(home, 'ec-cert.pem'), X509_USER_KEY: join(home, 'ec-key.pem') };
  writeFileSync(files.X509_USER_CERT, certificate);
  writeFileSync(files.X509_USER_KEY, written(privateKey));
  const asked: string[] = [];
  const askPassphrase = async (name: string) => {
    asked.push(name);
    return passphrase;
  };
  const alien = (line: string, more: Readonly<Record<string, string>> = files) =>
    runAlien({ ...env, ...more }, 'alien.py', [line], { askPassphrase });
  expect(await alien('certkey-match')).toMatchObject({ status: 0 });
  expect(await alien('cert-verify')).toMatchObject({ status: 0 });
  const before = asked.length;
  expect(await alien('whoami; pwd')).toMatchObject({ status: 0, out: expect.stringMatching(/^jalien\n\//) });
  // Once for a session, and not any more when there is a token.
  expect(asked.length - before).toBe(isLocked ? 1 : 0);
  expect(await alien('token-info')).toMatchObject({ status: 0 });
  if (isLocked) return;
  const text = { JALIEN_TOKEN_CERT: certificate, JALIEN_TOKEN_KEY: written(privateKey), X509_USER_CERT: '/none' };
  expect(await alien('whoami', { ...text, TMPDIR: home })).toMatchObject({ status: 0, out: 'jalien\n' });
});

test('an encrypted key is not opened by another passphrase', async () => {
  const { env, central } = await gridUser();
  const variables = { ...env, X509_USER_KEY: central.files.userKeyEncrypted };
  const wrong = { askPassphrase: async () => 'wrong' };
  expect(await runAlien(variables, 'alien.py', ['pwd'], wrong)).toMatchObject({
    status: 107,
    err: expect.stringContaining('cannot be opened with this passphrase'),
  });
  expect(central.connections.made).toBe(0);
});
