import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { relayed } from '../../../test/relayed.ts';
import { int, opened, reply, scriptedXrootd, status } from '../../../test/scripted-xrootd.ts';
import { hasXrootd, startXrootd, type XrootdServerOptions } from '../../../test/xrootd-servers.ts';
import { openToRead, openToWrite } from './remote-file.ts';
import { type SessionOptions, xrootdSession } from './session.ts';
import { readUrl, storeUrl } from './transfers.ts';

const { test } = needing(hasXrootd);

async function server(options: XrootdServerOptions = {}) {
  const made = await startXrootd(options);
  onTestFinished(() => made.stop());
  const relay = await relayed(made.port, {});
  return { ...made, relay, url: made.url.replace(`:${made.port}/`, `:${relay.port}/`) };
}

function session(options: SessionOptions = {}) {
  const made = xrootdSession({ retries: 0, ...options });
  onTestFinished(() => made.close());
  return made;
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

async function bytesOf(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const got: Buffer[] = [];
  for await (const chunk of source) got.push(chunk);
  return Buffer.concat(got);
}

test.each([
  ['pages', {}, true],
  ['plain', {}, false],
  ['encrypted', { tls: 'good' }, false],
  ['encrypted because the server wants it for data', { tls: 'good', config: ['xrootd.tls data'] }, false],
] as const)('the data of one file goes over four sockets, both ways: %s', async (_, options, pages) => {
  const { url, relay, data, authority } = await server(options);
  const one = session({ authorities: [authority] });
  const bytes = randomBytes(3_000_000);
  const how = { streams: 4, chunkBytes: 70_000, pages };
  const place = 'config' in options ? url.replace('roots:', 'root:') : url;
  expect(await storeUrl(one, `${place}file`, once(bytes), how)).toBe(bytes.length);
  expect(readFileSync(`${data}/file`).equals(bytes)).toBe(true);
  expect((await bytesOf(readUrl(one, `${place}file`, how))).equals(bytes)).toBe(true);
  const busy = relay.passed.filter(({ up, down }) => up > 500_000 && down > 500_000);
  expect(busy).toHaveLength(4);
});

test('a file that is small needs no more than one', async () => {
  const { url, relay } = await server();
  const one = session();
  await storeUrl(one, `${url}file`, once(Buffer.from('small')), { streams: 8 });
  expect((await bytesOf(readUrl(one, `${url}file`, { streams: 8 }))).toString()).toBe('small');
  expect(relay.connections.made).toBe(1);
});

test('two files share the sockets of their connection, and no session gets more than the server has', async () => {
  const { url, relay } = await server();
  const one = session({ connections: 1 });
  const files = [randomBytes(900_000), randomBytes(900_000)];
  await Promise.all(
    files.map((bytes, index) => storeUrl(one, `${url}${index}`, once(bytes), { streams: 30, chunkBytes: 50_000 })),
  );
  expect(relay.connections.made).toBe(16);
  const back = await Promise.all(
    files.map((_, index) => bytesOf(readUrl(one, `${url}${index}`, { streams: 3, chunkBytes: 50_000 }))),
  );
  for (const [index, bytes] of files.entries()) expect(back[index]!.equals(bytes)).toBe(true);
});

test('one of the sockets is cut: all that is under way is lost, and told; reading is begun again', async () => {
  const { url, relay } = await server();
  const one = session({ retries: 2 });
  const bytes = randomBytes(2_000_000);
  await storeUrl(one, `${url}file`, once(bytes));
  relay.setHarm({ direction: 'down', bytes: 300_000, do: 'cut', times: 1 });
  expect((await bytesOf(readUrl(one, `${url}file`, { streams: 4, chunkBytes: 50_000 }))).equals(bytes)).toBe(true);
  const file = await openToWrite(one, `${url}other`, { persistOnClose: true });
  expect(await file.spread(3)).toBe(3);
  relay.cutAll();
  await expect(file.write(0, bytes)).rejects.toMatchObject({ facts: { lost: true } });
});

test('a server that gives no more sockets is read over one', async () => {
  const { url, connections } = await scriptedXrootd(
    ({ stream, number }) =>
      number === 3010 ? opened(stream, 4) : number === 3013 ? reply(stream, status.ok, 'ab') : reply(stream, status.ok),
    ({ stream, number, parameters }) =>
      number === 3006 && parameters[5] === 1
        ? reply(stream, status.error, int(3013), 'no binding\0')
        : number === 3006
          ? reply(stream, 0, int(0x511), int(1))
          : reply(stream, 0, Buffer.alloc(16)),
  );
  const file = await openToRead(session(), url);
  expect(await file.spread(4)).toBe(1);
  expect(Buffer.from(await file.read(0, Buffer.alloc(2))).toString()).toBe('ab');
  expect(connections()).toBe(1);
});
