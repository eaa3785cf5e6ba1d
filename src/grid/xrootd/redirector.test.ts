import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { hasXrootd, startXrootd, type XrootdServerOptions } from '../../../test/xrootd-servers.ts';
import { openToRead, openToWrite } from './remote-file.ts';
import { xrootdSession } from './session.ts';
import { readUrl, writeAll } from './transfers.ts';

const { test } = needing(hasXrootd);

async function server(options: XrootdServerOptions = {}) {
  const made = await startXrootd(options);
  onTestFinished(() => made.stop());
  return made;
}

test('a redirector and two data servers: each file lies where it belongs, and is read from there', async () => {
  const [one, two] = await Promise.all([server(), server()]);
  const { url } = await server({
    config: [`xrootd.redirect 127.0.0.1:${one.port} /one`, `xrootd.redirect 127.0.0.1:${two.port} /two`],
  });
  const session = xrootdSession();
  onTestFinished(() => session.close());
  const bytes = randomBytes(100_000);
  async function* source() {
    yield bytes;
  }
  for (const [name, data] of [
    ['one', one.data],
    ['two', two.data],
  ] as const) {
    const file = await openToWrite(session, `${url}${name}/file`);
    expect(file.server).not.toBe(url);
    expect(await writeAll(file, source(), { chunkBytes: 30_000 })).toBe(bytes.length);
    await file.close();
    expect(readFileSync(`${data}/${name}/file`).equals(bytes)).toBe(true);
    const got: Buffer[] = [];
    for await (const chunk of readUrl(session, `${url}${name}/file`)) got.push(chunk);
    expect(Buffer.concat(got).equals(bytes)).toBe(true);
  }
  expect(existsSync(`${one.data}/two`)).toBe(false);
  await expect(openToRead(session, `${url}two/none`)).rejects.toMatchObject({ code: 'missing' });
  await two.stop('keep');
  await expect(openToRead(session, `${url}two/file`)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a server that is stopped while a file is read and starts again: reading goes on', async () => {
  const first = await server();
  const bytes = randomBytes(400_000);
  writeFileSync(`${first.data}/file`, bytes);
  const session = xrootdSession();
  onTestFinished(() => session.close());
  const got: Buffer[] = [];
  for await (const chunk of readUrl(session, `${first.url}file`, { chunkBytes: 50_000, chunks: 2 })) {
    got.push(chunk);
    if (got.length !== 3) continue;
    await first.stop('keep');
    await server({ folder: first.folder, port: first.port });
  }
  expect(Buffer.concat(got).equals(bytes)).toBe(true);
});

test('a file that is opened for writing is gone when its server was, and that is told', async () => {
  const { url, stop, data } = await server();
  const session = xrootdSession({ retries: 0 });
  onTestFinished(() => session.close());
  const file = await openToWrite(session, `${url}file`, { persistOnClose: true });
  async function* source() {
    yield randomBytes(10_000);
    await stop('keep');
    yield randomBytes(10_000);
  }
  await expect(writeAll(file, source(), { chunkBytes: 10_000 })).rejects.toMatchObject({
    code: 'unavailable',
    facts: { lost: true },
  });
  await expect(file.close()).rejects.toMatchObject({ code: 'unavailable' });
  expect(existsSync(data)).toBe(true);
  await expect(openToRead(session, `${url}file`)).rejects.toMatchObject({
    code: 'unavailable',
    facts: { errno: 'ECONNREFUSED' },
  });
});
