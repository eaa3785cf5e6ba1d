import { once } from 'node:events';
import { expect, test } from 'vitest';
import { atLeast, rateOf } from './slow-watch.ts';

test('what comes fast enough is handed on, however slow who takes it is', async () => {
  async function* fast() {
    for (let at = 0; at < 50; at += 1) yield Buffer.alloc(1000);
  }
  let bytes = 0;
  for await (const chunk of atLeast(() => fast(), { bytesPerSecond: 1e9, windowMs: 10_000 })) {
    bytes += chunk.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(bytes).toBe(50_000);
});

test('what comes too slowly, or not any more, is given up', async () => {
  let ended = false;
  async function* hanging(signal: AbortSignal) {
    yield Buffer.alloc(10);
    await once(signal, 'abort');
    ended = true;
  }
  const stream = atLeast(hanging, { bytesPerSecond: 1000, windowMs: 20 });
  await stream.next();
  await expect(stream.next()).rejects.toMatchObject({
    code: 'unavailable',
    message: 'slower than 1000 bytes/s',
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(true);
});

test('one of several: only time in which it was asked counts', async () => {
  const asked = rateOf({ bytesPerSecond: 1000, windowMs: 20 }, new AbortController().signal);
  const idle = rateOf({ bytesPerSecond: 1000, windowMs: 20 }, new AbortController().signal);
  asked.begin();
  await once(asked.signal, 'abort');
  expect([asked.isTooSlow(), idle.isTooSlow()]).toEqual([true, false]);
  asked.stop();
  idle.stop();
});
