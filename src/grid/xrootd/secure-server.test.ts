import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { hasXrootd, startXrootd, type XrootdServerOptions } from '../../../test/xrootd-servers.ts';
import { statUrl } from './name-space.ts';
import { openToRead, openToWrite } from './remote-file.ts';
import { type SessionOptions, xrootdSession } from './session.ts';
import { readUrl } from './transfers.ts';

const { test } = needing(hasXrootd);

async function server(options: XrootdServerOptions) {
  const made = await startXrootd(options);
  onTestFinished(() => made.stop());
  return made;
}

function session(options: SessionOptions = {}) {
  const made = xrootdSession({ retries: 0, ...options });
  onTestFinished(() => made.close());
  return made;
}

test('encrypted: files go there and back, by the name of the host and by its address', async () => {
  const { url, authority } = await server({ tls: 'good' });
  const one = session({ authorities: [authority] });
  const bytes = randomBytes(300_000);
  const file = await openToWrite(one, `${url}file`);
  await file.write(0, bytes);
  await file.close();
  const got: Buffer[] = [];
  for await (const chunk of readUrl(one, `${url.replace('127.0.0.1', 'localhost')}file`, { chunkBytes: 70_000 })) {
    got.push(chunk);
  }
  expect(Buffer.concat(got).equals(bytes)).toBe(true);
  // With pages too, where that is wanted on top.
  const paged = await openToRead(one, `${url}file`, { pages: true });
  expect(Buffer.from(await paged.read(5, Buffer.alloc(9000))).equals(bytes.subarray(5, 9005))).toBe(true);
  // Nobody knows this authority.
  await expect(statUrl(session(), `${url}file`)).rejects.toMatchObject({ code: 'refused', facts: { errno: 'EAUTH' } });
});

test.each(['expired', 'wrong name', 'wrong ca'] as const)(
  'a certificate that is not good is refused: %s',
  async (tls) => {
    const { url, authority } = await server({ tls });
    await expect(statUrl(session({ authorities: [authority] }), url)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('its certificate is not trusted'),
    });
  },
);

test.each(['all', 'login', 'session', 'data'])(
  'a server that demands encryption gets it by root:// too (%s)',
  async (what) => {
    const { url, authority, data } = await server({ tls: 'good', config: [`xrootd.tls ${what}`] });
    writeFileSync(`${data}/file`, 'x');
    const plain = url.replace('roots:', 'root:');
    const file = await openToRead(session({ authorities: [authority] }), `${plain}file`);
    expect(Buffer.from(await file.read(0, Buffer.alloc(9))).toString()).toBe('x');
    await expect(openToRead(session(), `${plain}file`)).rejects.toMatchObject({ code: 'refused' });
  },
);

test('a plain server is no place for roots://', async () => {
  const { url } = await server({});
  await expect(statUrl(session(), url.replace('root:', 'roots:'))).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('offers no encryption'),
  });
});

test.each(['unix', 'host'])('who we are is proven by %s', async (kind) => {
  const { url, log, data } = await server({
    config: [
      'xrootd.seclib libXrdSec.so',
      `sec.protocol ${kind}`,
      `sec.protbind * only ${kind}`,
      'xrootd.trace login auth',
    ],
  });
  writeFileSync(`${data}/file`, 'x');
  const one = session({ user: 'someone' });
  const file = await openToWrite(one, `${url}other?xrd.wantprot=unix&authz=ENVELOPE/+=`);
  await file.write(0, Buffer.from('y'));
  await file.close();
  expect(await statUrl(one, `${url}other`)).toMatchObject({ bytes: 1 });
  expect(log()).toMatch(kind === 'unix' ? /login as someone/ : /login/);
});
