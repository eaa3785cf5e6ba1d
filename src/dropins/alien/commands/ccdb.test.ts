import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runAlien } from '../../../../test/alien.ts';
import { scratchFolder } from '../../../../test/scratch-folder.ts';

const content = Buffer.from([0, 1, 2, 0xff]);
const md5 = createHash('md5').update(content).digest('hex');
const object = (more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ path: 'A/B', id: 'a-1', fileName: 'x.root', MD5: md5, size: '4', validFrom: 0, validUntil: 1, Created: 0 },
  ...more,
});

async function ccdb(objects: readonly object[]): Promise<(dst: string) => ReturnType<typeof runAlien>> {
  const server = createServer(({ url = '' }, response) => {
    if (url.startsWith('/latest/')) response.end(JSON.stringify({ objects }));
    else if (url === '/download/a-1') response.end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (dst) => runAlien({}, 'alien.py', ['ccdb', '-host', host, '-get', '-dst', dst, 'A/B']);
}

test('an object is brought here, once, checked', async () => {
  const folder = await scratchFolder();
  const get = await ccdb([object()]);
  expect(await get(folder)).toMatchObject({ status: 0, out: `${folder}/x.root\n`, err: '' });
  expect(readFileSync(join(folder, 'x.root'))).toEqual(content);
  expect(await get(folder)).toMatchObject({ status: 0, out: `${folder}/x.root is there already\n` });
  writeFileSync(join(folder, 'x.root'), 'mine');
  expect(await get(folder)).toMatchObject({ status: 1, err: expect.stringContaining('holds something else') });
  expect(readFileSync(join(folder, 'x.root'), 'utf8')).toBe('mine');
});

test.each([
  ['another MD5', { MD5: 'f'.repeat(32) }, 'MD5'],
  ['another size', { size: '5' }, '5'],
  ['no MD5', { MD5: undefined }, 'no MD5'],
  ['an object that is not there', { id: 'b' }, 'HTTP 404'],
  ['no name', { fileName: '..' }, 'no name'],
] as const)('%s: nothing is left of it', async (_, more, told) => {
  const folder = await scratchFolder();
  const get = await ccdb([object(more)]);
  expect(await get(folder)).toMatchObject({ status: 1, out: '', err: expect.stringContaining(told) });
  expect(readdirSync(folder)).toEqual([]);
});
