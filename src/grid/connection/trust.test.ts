import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { gridUser } from '../../../test/alien.ts';
import { connect } from '../connect.ts';
import { findAuthorities } from '../credentials/authorities.ts';
import { findCredential } from '../credentials/credential.ts';
import { networkSettings } from '../network-settings.ts';
import { openConnection } from './connection.ts';
import type { Endpoint } from './endpoints.ts';
import { identityCheck } from './trust.ts';

test.each([
  ['wrong name', /is for another host; not connected/, /ALIENPY_JCENTRAL/],
  ['wrong ca', /is not from an authority in .*; not connected/, /X509_CERT_DIR/],
  ['expired', /has expired; not connected/, /clock/],
  ['not yet valid', /is not valid yet; not connected/, /clock/],
] as const)(
  'a server with a certificate that is %s is refused, once, with what to do',
  async (identity, message, hint) => {
    const { central, env } = await gridUser({ identity });
    const grid = connect({ env });
    await expect(grid.send('pwd')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      facts: { errno: 107 },
    });
    expect(central.connections.made).toBe(0);
    expect(central.requests).toEqual([]);
    await grid.close();
  },
);

test('the right server is refused where only another authority is trusted', async () => {
  const { central, env } = await gridUser();
  const grid = connect({ env: { ...env, X509_CERT_DIR: central.files.wrongCaFolder } });
  await expect(grid.send('pwd')).rejects.toMatchObject({ code: 'refused' });
  expect(central.requests).toEqual([]);
});

test('--insecure believes whoever answers, and says so on every connection', async () => {
  const { central, env } = await gridUser({ identity: 'wrong ca' });
  const told: string[] = [];
  const grid = connect({ env, insecure: true, tell: (text) => told.push(text) });
  expect((await grid.send('pwd')).exitCode).toBe(0);
  central.dropAll();
  expect((await grid.send('pwd')).exitCode).toBe(0);
  expect(told.filter((text) => text.includes('--insecure'))).toHaveLength(2);
  await grid.close();
});

test('an agent on this machine must have our own name, whatever its host is called', async () => {
  const own = await gridUser({ identity: 'user' });
  const { ALIENPY_JCENTRAL: _, ALIENPY_JCENTRAL_PORT: port, ...env } = own.env;
  const grid = connect({ env: { ...env, JALIEN_HOST: '127.0.0.1', JALIEN_WSPORT: port! } });
  expect((await grid.send('pwd')).exitCode).toBe(0);
  await grid.close();
});

test('an agent with the name of its host is not ours', async () => {
  const { central, env } = await gridUser();
  const credential = await findCredential({ env, now: new Date() });
  const endpoint: Endpoint = { host: 'localhost', port: central.port, identity: 'own' };
  const opened = openConnection(endpoint, {
    ...networkSettings(env),
    context: createSecureContext({
      cert: credential.certificate,
      key: credential.key,
      ca: [...findAuthorities(env).pems],
    }),
    identity: identityCheck(endpoint, credential),
    compressed: true,
    authorities: 'here',
    userAgent: 'test',
  });
  await expect(opened).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('is not an agent of ours'),
    hint: expect.stringContaining('JALIEN_HOST'),
  });
  expect(central.requests).toEqual([]);
});

test('who is not in the virtual organisation gets errno 129', async () => {
  const { central, env } = await gridUser();
  const grid = connect({ env: { ...env, X509_USER_CERT: central.files.strangerCert } });
  await expect(grid.send('pwd')).rejects.toMatchObject({ code: 'refused', facts: { errno: 129 } });
});
