import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Asked, int, opened, reply, scriptedXrootd, status } from '../../../test/scripted-xrootd.ts';
import { crc32c } from './crc32c.ts';
import { configOf, listUrl, removeFile, statUrl } from './name-space.ts';
import { openToRead } from './remote-file.ts';
import { type SessionOptions, xrootdSession } from './session.ts';
import { readUrl } from './transfers.ts';

const open = 3010;
const stat = 3017;

function session(options: SessionOptions = {}) {
  const made = xrootdSession({ retries: 0, ...options });
  onTestFinished(() => made.close());
  return made;
}

test('told to wait without end, we give up when it comes to more than our patience', async () => {
  const { url } = await scriptedXrootd(({ stream }) => reply(stream, status.wait, int(2_000_000_000)));
  await expect(statUrl(session({ waitMs: 5000 }), url)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('asks to wait longer than 5 s'),
  });
});

test('told to wait for no time again and again, too', async () => {
  const { url, times } = await scriptedXrootd(({ stream }) => reply(stream, status.wait, int(-7)));
  await expect(statUrl(session({ waitMs: 350 }), url)).rejects.toMatchObject({ facts: { errno: 'ETIMEDOUT' } });
  expect(times()).toBe(4);
});

test('told to wait and asked again, the answer counts', async () => {
  const { url } = await scriptedXrootd(({ stream }, _, times) =>
    times < 3 ? reply(stream, status.wait, int(0), 'busy') : reply(stream, status.ok, '1 5 16 1000\0'),
  );
  expect(await statUrl(session(), url)).toMatchObject({ bytes: 5 });
});

test('a late answer counts, one that was not promised does not', async () => {
  const late = (stream: number) => reply(0, status.attn, int(5008), int(0), reply(stream, status.ok, '1 5 16 1000\0'));
  const good = await scriptedXrootd(({ stream }) =>
    Buffer.concat([
      reply(stream, status.waitresp, int(1)),
      reply(0, status.attn, int(5002), 'a message'),
      late(stream),
    ]),
  );
  expect(await statUrl(session(), good.url)).toMatchObject({ bytes: 5 });
  const bad = await scriptedXrootd(({ stream }) => late(stream));
  await expect(statUrl(session(), bad.url)).rejects.toMatchObject({ code: 'unavailable', facts: { errno: 'EBADMSG' } });
});

test('a late answer that never comes is not waited for without end', async () => {
  const { url } = await scriptedXrootd(({ stream }) => reply(stream, status.waitresp, int(2_000_000_000)));
  await expect(statUrl(session({ waitMs: 200, requestMs: 200, silenceMs: 60_000 }), url)).rejects.toMatchObject({
    facts: { errno: 'ETIMEDOUT' },
  });
});

test('a ring of redirects ends', async () => {
  const { url, times } = await scriptedXrootd(({ stream, payload }, socket) => {
    const { port } = socket.address() as AddressInfo;
    expect(payload.toString()).toMatch(/^\/x(\?hop=1)?$/);
    return reply(stream, status.redirect, int(port), '127.0.0.1?hop=1');
  });
  await expect(statUrl(session({ redirects: 5 }), url)).rejects.toMatchObject({ facts: { errno: 'ELOOP' } });
  expect(times()).toBe(6);
});

test('sent on, the way that was given goes along; where that is broken, the first is asked again', async () => {
  const target = await scriptedXrootd(({ stream, payload }) =>
    payload.toString() === '/x?authz=A&key=1'
      ? reply(stream, status.ok, '1 5 16 1000\0')
      : reply(stream, status.error, int(3007), 'x'),
  );
  const broken = await scriptedXrootd(({ stream }) => reply(stream, status.error, int(3007), 'disk gone\0'));
  const { url, times } = await scriptedXrootd(({ stream, payload }, _, count) => {
    if (count === 2) expect(payload.toString()).toBe('/x?authz=A&tried=127.0.0.1');
    return reply(
      stream,
      status.redirect,
      int(count === 1 ? broken.port : target.port),
      count === 1 ? '127.0.0.1' : '127.0.0.1?key=1',
    );
  });
  expect(await statUrl(session({ retries: 2 }), `${url}?authz=A`)).toMatchObject({ bytes: 5 });
  expect(times()).toBe(2);
});

test('encryption that was asked for and is not there is no connection', async () => {
  const plain = await scriptedXrootd(({ stream }) => reply(stream, status.ok, '1 5 16 1000\0'));
  await expect(statUrl(session(), plain.url.replace('root:', 'roots:'))).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('offers no encryption'),
  });
});

test.each([
  [
    'a huge answer',
    (stream: number) => Buffer.concat([Buffer.from([stream >> 8, stream & 255, 0, 0]), int(0x7fffffff)]),
  ],
  ['a negative length', (stream: number) => Buffer.concat([Buffer.from([stream >> 8, stream & 255, 0, 0]), int(-2)])],
  [
    'a huge error',
    (stream: number) => Buffer.concat([Buffer.from([stream >> 8, stream & 255, 0x0f, 0xa3]), int(1 << 28)]),
  ],
  ['a huge message', () => Buffer.concat([Buffer.from([0, 0, 0x0f, 0xa1]), int(0x7fffffff)])],
  ['a wrong stream', (stream: number) => reply(stream + 1, 0, 'x')],
  ['stream 0', () => reply(0, 0, 'x')],
  ['an unknown kind', (stream: number) => reply(stream, 4711, 'x')],
  [
    'pages that nobody asked for',
    (stream: number) => Buffer.concat([reply(stream, status.pages, Buffer.alloc(12), int(1000)), Buffer.alloc(1000)]),
  ],
  ['no XRootD', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
])('%s ends the connection', async (_, said) => {
  const { url } = await scriptedXrootd(({ stream }) => said(stream));
  await expect(statUrl(session(), url)).rejects.toMatchObject({
    code: 'unavailable',
    facts: { errno: 'EBADMSG', lost: true },
  });
});

test('an answer in parts without end is cut off at what was asked for', async () => {
  const { url } = await scriptedXrootd(({ stream }, socket) => {
    const part = reply(stream, status.oksofar, 'y'.repeat(60_000));
    const more = (): void => {
      if (!socket.destroyed) socket.write(part, () => more());
    };
    more();
    return undefined;
  });
  await expect(configOf(session(), url, ['version'])).rejects.toMatchObject({
    message: expect.stringContaining('at most 1048576 were asked for'),
  });
});

test('a read that brings more than was asked for is refused, one that brings less is not the end', async () => {
  const all = Buffer.from('0123456789');
  const { url } = await scriptedXrootd(({ stream, number, parameters }) => {
    if (number === open) return opened(stream, all.length);
    if (number !== 3013) return reply(stream, status.ok);
    const from = Number(parameters.readBigInt64BE(4));
    const bytes = parameters.readInt32BE(12);
    if (bytes === 7) return reply(stream, status.ok, '12345678');
    return Buffer.concat([
      reply(stream, status.oksofar, all.subarray(from, from + 1)),
      reply(stream, status.ok, all.subarray(from + 1, from + Math.min(2, bytes))),
    ]);
  });
  const got: Buffer[] = [];
  for await (const chunk of readUrl(session(), url, { chunkBytes: 5, chunks: 2 })) got.push(chunk);
  expect(Buffer.concat(got)).toEqual(all);
  const file = await openToRead(session(), url);
  await expect(file.read(0, Buffer.alloc(7))).rejects.toMatchObject({ facts: { errno: 'EBADMSG' } });
});

test('a file that ends before the size that it was opened with is no whole file', async () => {
  const { url } = await scriptedXrootd(({ stream, number }) =>
    number === open ? opened(stream, 10) : reply(stream, status.ok),
  );
  const reading = readUrl(session(), url);
  await expect(reading.next()).rejects.toMatchObject({ code: 'changed' });
});

test('pages whose checksum does not hold are refused', async () => {
  const { url } = await scriptedXrootd(
    ({ stream, number }) => {
      if (number === open) return opened(stream, 4);
      if (number !== 3030) return reply(stream, status.ok);
      const rest = Buffer.concat([
        Buffer.from([stream >> 8, stream & 255, 30, 0]),
        Buffer.alloc(4),
        int(8),
        Buffer.alloc(8),
      ]);
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(crc32c(rest));
      return Buffer.concat([reply(stream, status.pages, sum, rest), int(12345), Buffer.from('good')]);
    },
    ({ stream, number }) =>
      number === 3006 ? reply(stream, 0, int(0x511), int(0x0020_0001)) : reply(stream, 0, Buffer.alloc(16)),
  );
  const file = await openToRead(session(), url);
  await expect(file.read(0, Buffer.alloc(4))).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('did not arrive as they were sent'),
  });
});

test('where the connection is lost in the middle, reading goes on with another; if it is another file, it does not', async () => {
  const all = Buffer.from('abcdefghij');
  let size = all.length;
  const answer = ({ stream, number, parameters }: Asked, socket: Socket, times: number): Buffer | undefined => {
    if (number === open) return opened(stream, size);
    if (number !== 3013) return reply(stream, status.ok);
    if (times % 4 === 0) {
      socket.destroy();
      return undefined;
    }
    const from = Number(parameters.readBigInt64BE(4));
    return reply(stream, status.ok, all.subarray(from, from + parameters.readInt32BE(12)));
  };
  const { url } = await scriptedXrootd(answer);
  const got: Buffer[] = [];
  for await (const chunk of readUrl(session({ retries: 2 }), url, { chunkBytes: 2, chunks: 1 })) got.push(chunk);
  expect(Buffer.concat(got)).toEqual(all);
  const another = await scriptedXrootd((asked, socket, times) => {
    size = times > 2 ? 11 : 10;
    return answer(asked, socket, times);
  });
  const reading = readUrl(session({ retries: 2 }), another.url, { chunkBytes: 2, chunks: 1 });
  const readAll = async () => {
    for await (const _ of reading);
  };
  await expect(readAll()).rejects.toMatchObject({ code: 'changed' });
});

test('silence ends, at login and after it', async () => {
  const mute = await scriptedXrootd(
    () => undefined,
    () => Buffer.alloc(0),
  );
  await expect(statUrl(session({ connectMs: 100 }), mute.url)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('did not answer in 0.1 s'),
  });
  const silent = await scriptedXrootd(() => undefined);
  await expect(statUrl(session({ silenceMs: 100 }), silent.url)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('did not answer in 0.1 s'),
  });
});

test('time in which this process stood still is no silence', async () => {
  for (let silenceMs = 100, isSaid = false; !isSaid; silenceMs *= 4) {
    const { url } = await scriptedXrootd(({ stream }, socket) => {
      // When it was looked for an answer already, the answer goes out, and is not read before this process stands still.
      const say = (): void => {
        if (socket.destroyed) return;
        isSaid = true;
        socket.write(reply(stream, status.ok, '1 5 16 1000\0'));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * silenceMs);
      };
      setTimeout(() => setImmediate(say), 0.6 * silenceMs);
      return undefined;
    });
    const found = await statUrl(session({ silenceMs }), url).catch((error: unknown) => {
      if (isSaid) throw error;
    });
    // A busy machine may have come to its answer too late: with more patience then.
    if (isSaid) expect(found).toMatchObject({ bytes: 5 });
  }
});

test('stopped by its signal, a call ends; the connection and what else is asked on it do not', async () => {
  const stopping = new AbortController();
  const { url, connections } = await scriptedXrootd(({ stream, number, payload }) => {
    if (number === stat && payload.toString() === '/x') {
      stopping.abort(new Error('enough'));
      return undefined;
    }
    return reply(stream, status.ok, '1 5 16 1000\0');
  });
  const one = session({ connections: 1 });
  await expect(statUrl(one, url, { signal: stopping.signal })).rejects.toMatchObject({ code: 'interrupted' });
  expect(await statUrl(one, `${url}y`)).toMatchObject({ bytes: 5 });
  expect(connections()).toBe(1);
  await expect(statUrl(one, url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' });
});

test('a connection that was dropped while nothing was asked is made again', async () => {
  const dropped: Socket[] = [];
  const { url } = await scriptedXrootd(({ stream }, socket) => {
    dropped.push(socket);
    return reply(stream, status.ok, '1 5 16 1000\0');
  });
  const one = session({ retries: 1 });
  await statUrl(one, url);
  const closed = new Promise((resolve) => dropped[0]!.once('close', resolve));
  dropped[0]!.destroy();
  await closed;
  expect(await statUrl(one, url)).toMatchObject({ bytes: 5 });
});

test('what may not be asked twice is not: an answer that was lost is told', async () => {
  const { url, times } = await scriptedXrootd((_, socket) => {
    socket.destroy();
    return undefined;
  });
  await expect(removeFile(session({ retries: 2 }), url)).rejects.toMatchObject({ facts: { lost: true } });
  expect(times()).toBe(1);
  await expect(listUrl(session({ retries: 1 }), url)).rejects.toMatchObject({ facts: { lost: true } });
  expect(times()).toBe(3);
});
