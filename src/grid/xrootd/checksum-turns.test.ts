import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { int, reply, scriptedXrootd, status } from '../../../test/scripted-xrootd.ts';
import { hasXrootd, startXrootd } from '../../../test/xrootd-servers.ts';
import { checksumUrl } from './name-space.ts';
import { type SessionOptions, xrootdSession } from './session.ts';

function session(options: SessionOptions = {}) {
  const made = xrootdSession({ retries: 0, ...options });
  onTestFinished(() => made.close());
  return made;
}

/** A server that computes so many at once, and sends the others away for a day. */
async function busyServer(room: number) {
  let underWay = 0;
  const seen = { most: 0, sentAway: 0 };
  const { url } = await scriptedXrootd(({ stream }, socket) => {
    if (underWay === room) {
      seen.sentAway += 1;
      return reply(stream, status.wait, int(86_400), 'busy');
    }
    underWay += 1;
    seen.most = Math.max(seen.most, underWay);
    setImmediate(() => {
      underWay -= 1;
      socket.write(reply(stream, status.ok, 'md5 0123abcd\0'));
    });
    return undefined;
  });
  return { url, seen };
}

test('who is sent away asks again when another is through, and no more come than the server takes', async () => {
  const { url, seen } = await busyServer(2);
  const one = session({ waitMs: 1e9 });
  const all = await Promise.all(Array.from({ length: 100 }, () => checksumUrl(one, url)));
  expect(all).toHaveLength(100);
  expect(all.every(({ value }) => value === '0123abcd')).toBe(true);
  // All hundred come at first, as nobody knows how many it takes.
  expect(seen.sentAway).toBeLessThan(200);
  const before = seen.sentAway;
  await Promise.all(Array.from({ length: 100 }, () => checksumUrl(one, url)));
  expect(seen.sentAway - before).toBeLessThan(40);
});

test('with nobody else to wait for, it is waited as the server says, and no longer than the limit', async () => {
  const { url } = await scriptedXrootd(({ stream }) => reply(stream, status.wait, int(2_000_000), 'busy'));
  const one = session({ waitMs: 1000 });
  await expect(checksumUrl(one, url)).rejects.toMatchObject({ facts: { errno: 'ETIMEDOUT' } });
  await expect(Promise.all([checksumUrl(one, url), checksumUrl(one, url)])).rejects.toMatchObject({
    facts: { errno: 'ETIMEDOUT' },
  });
});

test('who is stopped while it waits for its turn leaves it to others', async () => {
  const { url } = await busyServer(1);
  const one = session({ waitMs: 1e9 });
  const stopping = new AbortController();
  const first = Array.from({ length: 5 }, () => checksumUrl(one, url, { signal: stopping.signal }));
  const others = Array.from({ length: 5 }, () => checksumUrl(one, url));
  stopping.abort();
  for (const ended of await Promise.allSettled(first)) {
    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'interrupted' } });
  }
  expect(await Promise.all(others)).toHaveLength(5);
});

needing(hasXrootd).test('a real server that computes two at once is asked for fifty', async () => {
  const { url, data, stop } = await startXrootd();
  onTestFinished(() => stop());
  const one = session();
  const names = Array.from({ length: 50 }, (_, index) => `file${index}`);
  for (const name of names) writeFileSync(`${data}/${name}`, name.repeat(10_000));
  const sums = await Promise.all(names.map((name) => checksumUrl(one, `${url}${name}`, { kind: 'md5' })));
  expect(new Set(sums.map(({ value }) => value)).size).toBe(50);
});
