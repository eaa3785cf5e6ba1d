import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gridUser, runAlien } from '../../../test/alien.ts';
import { failingFiles } from '../../../test/failing-files.ts';
import { realFiles } from '../../durable/real-files.ts';
import { connect } from '../connect.ts';
import type { Environment } from '../environment.ts';
import { placesOf } from '../places.ts';
import { findAuthorities } from './authorities.ts';
import { findCredential } from './credential.ts';
import { getAuthorities } from './get-authorities.ts';
import { removeToken, requestToken, writeToken } from './token-files.ts';
import { whyNotVerified } from './verify-chain.ts';

const now = () => new Date();

test('the token is taken before the certificate, as long as it holds for ten minutes', async () => {
  const { env, central } = await gridUser();
  expect(await findCredential({ env, now: now() })).toMatchObject({ kind: 'user', subject: 'C=CH/O=JAliEn/CN=jalien' });
  const grid = connect({ env });
  const token = await requestToken(grid);
  await grid.close();
  await writeToken(token, placesOf(env));
  const found = await findCredential({ env, now: now() });
  expect(found.kind).toBe('token');
  expect(await findCredential({ env, now: now(), userOnly: true })).toMatchObject({ kind: 'user' });
  const almost = new Date(found.notAfter.getTime() - 599_000);
  // The user's certificate may be over by then too: then both are told of.
  await expect(
    findCredential({ env, now: almost }).then(
      ({ kind }) => kind,
      (error) => error.message,
    ),
  ).resolves.toMatch(/^user$|token: .* expires on .*in less than 600 s/);

  for (const given of [
    token,
    { certificate: `\n${token.certificate}`, key: readFileSync(central.files.userKeyPkcs1, 'utf8') },
  ]) {
    const text = { ...env, TMPDIR: env.HOME!, JALIEN_TOKEN_CERT: given.certificate, JALIEN_TOKEN_KEY: given.key };
    const isPair = given === token;
    const { kind } = await findCredential({ env: text, now: now() });
    expect(kind, 'PEM text in the environment').toBe(isPair ? 'token' : 'user');
  }

  const strange = { ...env, JALIEN_TOKEN_KEY: central.files.otherKey };
  expect(await findCredential({ env: strange, now: now() })).toMatchObject({ kind: 'user' });
});

test('keys in every form; one that is encrypted is asked for once, and not where there is nobody', async () => {
  const { env, central } = await gridUser();
  const { userKeyPkcs1, userKeyEncrypted, userKeyEncryptedPkcs1 } = central.files;
  expect(await findCredential({ env: { ...env, X509_USER_KEY: userKeyPkcs1 }, now: now() })).toMatchObject({
    kind: 'user',
  });
  for (const key of [userKeyEncrypted, userKeyEncryptedPkcs1]) {
    const encrypted = { ...env, X509_USER_KEY: key };
    await expect(findCredential({ env: encrypted, now: now() })).rejects.toMatchObject({
      facts: { errno: 107 },
      hint: expect.stringContaining('token-init'),
    });
    let asked = 0;
    const askPassphrase = async () => {
      asked += 1;
      return central.passphrase;
    };
    const grid = connect({ env: encrypted, askPassphrase });
    await grid.send('pwd');
    central.dropAll();
    await grid.send('pwd');
    expect(asked).toBe(1);
    await grid.close();
    await expect(findCredential({ env: encrypted, now: now(), askPassphrase: async () => 'wrong' })).rejects.toThrow(
      /passphrase/,
    );
  }
});

test('token-init asks for a passphrase once, and no command after it', async () => {
  const { env, central } = await gridUser();
  const encrypted = { ...env, X509_USER_KEY: central.files.userKeyEncrypted };
  let asked = 0;
  const askPassphrase = async () => {
    asked += 1;
    return central.passphrase;
  };
  expect((await runAlien(encrypted, 'alien.py', ['token-init'], { askPassphrase })).status).toBe(0);
  expect(asked).toBe(1);
  expect((await runAlien(encrypted, 'alien.py', ['pwd'], { askPassphrase })).status).toBe(0);
  expect(asked).toBe(1);
});

test('why none can be used, for each', async () => {
  const { env, central } = await gridUser();
  const over = { ...env, X509_USER_CERT: central.files.userCertExpired };
  await expect(findCredential({ env: over, now: now() })).rejects.toThrow(
    /token: cannot read .*\n.*user certificate: .* expired on/,
  );
  const early = { ...env, X509_USER_CERT: central.files.userCertNotYetValid };
  await expect(findCredential({ env: early, now: now() })).rejects.toThrow(/is not valid before/);
});

test('a token is written whole, for reading only, in place of whatever is there', async () => {
  const { env, temporary, home } = await gridUser();
  const places = placesOf(env);
  const target = join(home, 'precious');
  writeFileSync(target, 'precious');
  symlinkSync(target, places.tokenCertificate);
  await writeToken({ certificate: 'first', key: 'k1' }, places);
  await writeToken({ certificate: 'second', key: 'k2' }, places);
  expect(readFileSync(target, 'utf8')).toBe('precious');
  expect([places.tokenCertificate, places.tokenKey].map((path) => readFileSync(path, 'utf8'))).toEqual([
    'second',
    'k2',
  ]);
  expect(statSync(places.tokenKey).mode & 0o777).toBe(0o400);
  for (let step = 1; step <= 10; step += 1) {
    const files = failingFiles(realFiles, { at: step, error: 'ENOSPC' });
    const wrote = await writeToken({ certificate: 'third', key: 'k3' }, places, files).then(
      () => true,
      () => false,
    );
    const [certificate, key] = [places.tokenCertificate, places.tokenKey].map((path) => readFileSync(path, 'utf8'));
    expect(['second', 'third']).toContain(certificate);
    expect(['k2', 'k3']).toContain(key);
    if (wrote) expect([certificate, key]).toEqual(['third', 'k3']);
  }
  await removeToken(places);
  await removeToken(places);
  expect(existsSync(join(temporary, 'tokencert_0.pem'))).toBe(false);
});

test('the authorities of a folder with hundreds of files, whatever else lies there', async () => {
  const { env, central, home } = await gridUser();
  const folder = join(home, 'many');
  cpSync(central.files.caFolder, folder, { recursive: true });
  for (let index = 0; index < 300; index += 1)
    cpSync(join(central.files.wrongCaFolder, 'wrong-ca.pem'), join(folder, `${index}.pem`));
  writeFileSync(join(folder, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n');
  writeFileSync(join(folder, 'notes.pem'), 'no certificate');
  mkdirSync(join(folder, 'folder.pem'));
  const grid = connect({ env: { ...env, X509_CERT_DIR: folder } });
  expect((await grid.send('pwd')).exitCode).toBe(0);
  await grid.close();
  const wrong = findAuthorities({ ...env, X509_CERT_DIR: '/nonexistent', X509_CERT_FILE: central.files.caFile });
  expect(wrong).toMatchObject({ from: central.files.caFile, complaints: [expect.stringContaining('X509_CERT_DIR')] });
  const hashes = join(home, 'hashes');
  mkdirSync(hashes);
  cpSync(central.files.caFile, join(hashes, 'deadbeef.0'));
  expect(findAuthorities({ ...env, X509_CERT_DIR: hashes }).pems).toHaveLength(1);
});

test('authorities are fetched from a folder, and used where ALIENPY_USE_LOCAL_CAS asks for it', async () => {
  const { env, central, home, alien } = await gridUser();
  const source = join(home, 'cas/authority');
  cpSync(central.files.caFolder, source, { recursive: true });
  cpSync(central.files.caFile, join(source, 'CERN-GridCA.pem'));
  expect(await alien('getCAcerts', join(home, 'cas'))).toMatchObject({ status: 0 });
  const local = { ...env, X509_CERT_DIR: central.files.wrongCaFolder, ALIENPY_USE_LOCAL_CAS: '1' };
  expect(findAuthorities(local).from).toBe(join(home, '.globus/certificates'));
  const grid = connect({ env: local });
  expect((await grid.send('pwd')).exitCode).toBe(0);
  await grid.close();
  await expect(getAuthorities(join(home, 'tmp'), join(home, 'x'))).rejects.toMatchObject({ code: 'missing' });
  await expect(getAuthorities('http://localhost/x.pem', join(home, 'x'))).rejects.toMatchObject({ code: 'refused' });
});

test('a chain is verified by OpenSSL, whatever the certificate is for', async () => {
  const { env, central } = await gridUser();
  const { certificate, key } = await findCredential({ env, now: now() });
  expect(await whyNotVerified(certificate, key, findAuthorities(env))).toBeUndefined();
  const others = findAuthorities({ ...env, X509_CERT_DIR: central.files.wrongCaFolder });
  expect(await whyNotVerified(certificate, key, others)).toMatch(/issuer|self.signed|verify/i);
  const expired = readFileSync(central.files.userCertExpired, 'utf8');
  expect(await whyNotVerified(expired, key, findAuthorities(env))).toMatch(/EXPIRED/i);
});

test('the commands about certificates and tokens, with their exit statuses', async () => {
  const { alien, central, temporary } = await gridUser();
  expect(await alien('token-info')).toMatchObject({ status: 2, out: '' });
  expect(await alien('cert-info')).toMatchObject({
    status: 0,
    out: expect.stringMatching(
      /^DN >>> C=CH\/O=JAliEn\/CN=jalien\nISSUER >>> C=CH\/O=JAliEn\/CN=.*\nBEGIN >>> \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\nEXPIRE >>> .*\n$/,
    ),
  });
  expect((await alien('cert-verify')).status).toBe(0);
  expect((await alien('certkey-match')).status).toBe(0);
  expect(central.requests).toEqual([]);
  expect(await alien('token-init')).toMatchObject({ status: 0, out: expect.stringContaining('CN=Users/CN=jalien') });
  expect((await alien('token-verify; tokenkey-match')).status).toBe(0);
  const token = join(temporary, `tokencert_${process.getuid?.()}.pem`);
  expect(statSync(token).mode & 0o777).toBe(0o400);
  expect((await alien('pwd')).status).toBe(0);
  const printed = await alien('token -v 1');
  expect(printed).toMatchObject({
    status: 0,
    out: expect.stringContaining('PRIVATE KEY'),
    err: expect.stringContaining('not saved'),
  });
  chmodSync(token, 0o600);
  writeFileSync(token, 'garbage');
  expect((await alien('token-info')).status).toBe(5);
  expect((await alien('token-destroy; token-destroy')).status).toBe(0);
  rmSync(token, { force: true });
  expect((await alien('tokenkey-match')).status).toBe(2);
  expect((await alien('token-init -t zzz')).status).toBe(22);
});

test('token-destroy says what it did not remove, because JALIEN_TOKEN_CERT and JALIEN_TOKEN_KEY name others', async () => {
  const { alien, env, home, temporary } = await gridUser();
  await alien('token-init');
  const [certificate, key] = ['tokencert', 'tokenkey'].map((name) =>
    join(temporary, `${name}_${process.getuid!()}.pem`),
  );
  const others = { JALIEN_TOKEN_CERT: join(home, 'cert.pem'), JALIEN_TOKEN_KEY: join(home, 'key.pem') };
  copyFileSync(certificate!, others.JALIEN_TOKEN_CERT);
  copyFileSync(key!, others.JALIEN_TOKEN_KEY);
  const destroy = (more: Environment) => runAlien({ ...env, ...more } as typeof env, 'alien.py', ['token-destroy']);
  const left = `Not removed, and still used: '${home}/cert.pem' (JALIEN_TOKEN_CERT), '${home}/key.pem' (JALIEN_TOKEN_KEY)\n`;
  const removed = `Removed: '${certificate}', '${key}'\n`;
  expect(await destroy(others)).toEqual({ status: 0, out: '', err: `${removed}${left}` });
  expect([certificate, key].map((path) => existsSync(path!))).toEqual([false, false]);
  expect(Object.values(others).map(existsSync)).toEqual([true, true]);
  expect(await destroy(others)).toEqual({ status: 0, out: '', err: `Nothing was removed.\n${left}` });
  // A secret is not printed.
  const text = { JALIEN_TOKEN_CERT: readFileSync(others.JALIEN_TOKEN_CERT, 'utf8') };
  const told = 'Nothing was removed.\nNot removed, and still used: the text in JALIEN_TOKEN_CERT\n';
  expect(await destroy(text)).toEqual({ status: 0, out: '', err: told });
  // Those that token-init saves, or that are not there, are no others.
  await alien('token-init');
  for (const path of [certificate!, join(home, 'none.pem')]) {
    expect(await destroy({ JALIEN_TOKEN_CERT: path })).toEqual({ status: 0, out: '', err: '' });
  }
  expect(existsSync(certificate!)).toBe(false);
});

test('token-init says that its token is not the one that is used, where JALIEN_TOKEN_CERT names another', async () => {
  const { alien, env, home, temporary } = await gridUser();
  expect(await alien('token-init')).toMatchObject({ status: 0, err: '' });
  const [certificate, key] = ['tokencert', 'tokenkey'].map((name) =>
    join(temporary, `${name}_${process.getuid!()}.pem`),
  );
  const others = { JALIEN_TOKEN_CERT: join(home, 'cert.pem'), JALIEN_TOKEN_KEY: join(home, 'key.pem') };
  copyFileSync(certificate!, others.JALIEN_TOKEN_CERT);
  copyFileSync(key!, others.JALIEN_TOKEN_KEY);
  const { status, out, err } = await runAlien({ ...env, ...others }, 'alien.py', ['token-init']);
  expect([status, out]).toEqual([0, expect.stringContaining('CN=Users/CN=jalien')]);
  expect(err).toBe(
    `The new token is saved in '${certificate}'.\nNot replaced, and still used and shown: '${home}/cert.pem' (JALIEN_TOKEN_CERT), '${home}/key.pem' (JALIEN_TOKEN_KEY)\n`,
  );
});
