import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import type { Central } from './start-central.ts';
import { testCentral } from './test-central.ts';
import { testClient } from './test-client.ts';
import type { Identity } from './trust/authority.ts';

test('who is not in the virtual organisation gets 401', async () => {
  const central = await testCentral();
  await expect(testClient(central, { cert: central.files.strangerCert })).rejects.toThrow('401');
});

test('another path is 404', async () => {
  await expect(testClient(await testCentral(), { path: '/websocket/other' })).rejects.toThrow('404');
});

test.each(['userCertExpired', 'userCertNotYetValid'] as const)('%s gets no connection', async (which) => {
  const central = await testCentral();
  await expect(testClient(central, { cert: central.files[which] })).rejects.toThrow(
    /expired|certificate|alert|reset|hang up/i,
  );
});

test('faults of connections', async () => {
  const central = await testCentral({
    faults: [
      { at: 'connect', times: 1, do: { kind: 'refuse', status: 503 } },
      { at: 'connect', times: 1, do: { kind: 'drop' } },
    ],
  });
  await expect(testClient(central)).rejects.toThrow('503');
  await expect(testClient(central)).rejects.toThrow(/hang up|reset/);
  expect((await (await testClient(central)).ask('pwd')).metadata.exitcode).toBe('0');
});

test('a token is as good as the certificate, and ends no later', async () => {
  const central = await testCentral();
  const client = await testClient(central);
  const { tokencert, tokenkey } = (await client.ask('token', '-v', '1000')).results[0]!;
  expect(tokenkey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  const token = new X509Certificate(tokencert);
  const own = new X509Certificate(readFileSync(central.files.userCert));
  expect(Date.parse(token.validTo)).toBeLessThanOrEqual(Date.parse(own.validTo));
  expect(token.subject.split('\n')).toEqual(['C=ch', 'O=AliEn2', 'CN=Users', 'CN=jalien', 'OU=jalien']);
  const withToken = await testClient(central, { cert: tokencert, key: tokenkey });
  expect((await withToken.ask('whoami')).results[0]).toMatchObject({
    username: 'jalien',
    certificate_dn: 'OU=jalien, CN=jalien, CN=Users, O=AliEn2, C=ch',
  });
});

test('a folder that was used before keeps its authority', async () => {
  const first = await testCentral();
  const before = readFileSync(first.files.caFile, 'utf8');
  const second = await testCentral({ folder: first.files.caFolder.replace(/\/[^/]*$/, '') });
  expect(readFileSync(second.files.caFile, 'utf8')).toBe(before);
  expect((await (await testClient(second)).ask('pwd')).metadata.exitcode).toBe('0');
});

test('the CA is found by the name that OpenSSL gives it', async () => {
  const { files } = await testCentral();
  const said = execFileSync('openssl', ['verify', '-x509_strict', '-CApath', files.caFolder, files.userCert], {
    encoding: 'utf8',
  });
  expect(said).toBe(`${files.userCert}: OK\n`);
});

test.each<[Identity, string | undefined]>([
  ['host', undefined],
  ['wrong name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['wrong ca', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['expired', 'CERT_HAS_EXPIRED'],
  ['not yet valid', 'CERT_NOT_YET_VALID'],
  ['user', 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('as %s a checking client says %s', async (identity, code) => {
  expect(await shakeHands(await testCentral({ identity }))).toBe(code);
});

/** The code of the error that a client which checks all meets; undefined if it has nothing to say. */
function shakeHands(central: Central): Promise<string | undefined> {
  const { caFile, userCert, userKey } = central.files;
  return new Promise((resolve) => {
    const socket = connect({
      host: 'localhost',
      servername: 'localhost',
      port: central.port,
      ca: readFileSync(caFile),
      cert: readFileSync(userCert),
      key: readFileSync(userKey),
    });
    const over = (code: string | undefined): void => {
      resolve(code);
      socket.destroy();
    };
    socket.on('secureConnect', () => over(undefined));
    socket.on('error', (error: NodeJS.ErrnoException) => over(error.code));
  });
}
