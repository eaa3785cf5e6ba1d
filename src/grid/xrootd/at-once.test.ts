import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Asked, int, opened, reply, scriptedXrootd, status } from '../../../test/scripted-xrootd.ts';
import { xrootdSession } from './session.ts';
import { readUrl, storeUrl } from './transfers.ts';

const names: Readonly<Record<number, string>> = {
  3003: 'close',
  3010: 'open',
  3013: 'read',
  3014: 'rm',
  3016: 'sync',
  3017: 'stat',
  3019: 'write',
};

type Answer = (asked: Asked, name: string, so: readonly string[]) => Buffer | undefined;

/** A server that tells what it was asked, and answers nothing but opening before it was asked to close. */
async function gathering(answer: Answer) {
  const so: string[] = [];
  const gathered: [Asked, string, Socket][] = [];
  const { url } = await scriptedXrootd((asked, socket) => {
    const name = names[asked.number]!;
    so.push(name);
    if (name === 'open' || name === 'rm') return answer(asked, name, so);
    gathered.push([asked, name, socket]);
    if (name !== 'close') return undefined;
    const all = gathered.splice(0);
    return Buffer.concat(all.flatMap(([one, what]) => answer(one, what, so) ?? []));
  });
  const session = xrootdSession({ retries: 0 });
  onTestFinished(() => session.close());
  return { url, so, session };
}

const ok = ({ stream }: Asked) => reply(stream, status.ok);
const refused = ({ stream }: Asked, number: number, why: string) =>
  reply(stream, status.error, int(number), `${why}\0`);
const stated = ({ stream }: Asked, bytes: number) => reply(stream, status.ok, `7 ${bytes} 16 1000\0`);
const plainly: Answer = (asked, name) =>
  name === 'open' ? opened(asked.stream, 0) : name === 'stat' ? stated(asked, 5) : ok(asked);

async function* five() {
  yield Buffer.from('hello');
}

async function all(source: AsyncIterable<Buffer>): Promise<string> {
  const got: Buffer[] = [];
  for await (const chunk of source) got.push(chunk);
  return Buffer.concat(got).toString();
}

test('a small file is stored in two round trips: nothing but opening is waited for before all is sent', async () => {
  const { url, so, session } = await gathering(plainly);
  expect(await storeUrl(session, url, five())).toBe(5);
  expect(so).toEqual(['open', 'write', 'sync', 'stat', 'close']);
});

test('the end of a large one is one round trip', async () => {
  const so: string[] = [];
  const { url } = await scriptedXrootd((asked) => {
    const name = names[asked.number]!;
    so.push(name);
    if (name === 'sync' || name === 'stat') return undefined;
    if (name !== 'close') return plainly(asked, name, so);
    // The two before it, and itself.
    const before = [asked.stream - 2, asked.stream - 1].map((stream) => ({ ...asked, stream }));
    return Buffer.concat([ok(before[0]!), stated(before[1]!, 200_000), ok(asked)]);
  });
  const session = xrootdSession({ retries: 0 });
  onTestFinished(() => session.close());
  async function* large() {
    yield Buffer.alloc(200_000);
  }
  expect(await storeUrl(session, url, large(), { chunkBytes: 100_000 })).toBe(200_000);
  expect(so).toEqual(['open', 'write', 'write', 'sync', 'stat', 'close']);
});

test.each([
  ['what it was asked last it does first', 'close'],
  ['it makes durable what is not written', 'sync'],
] as const)('a server that does not keep the order: all is done again, step by step: %s', async (_, first) => {
  const so: string[] = [];
  const held: [Asked, string][] = [];
  let isFirst = true;
  const { url } = await scriptedXrootd((asked) => {
    const name = names[asked.number]!;
    so.push(name);
    if (!isFirst || name === 'open') return plainly(asked, name, so);
    held.push([asked, name]);
    if (name !== 'close') return undefined;
    isFirst = false;
    held.sort((a, b) => Number(b[1] === first) - Number(a[1] === first));
    return Buffer.concat(held.map(([one, what]) => (what === 'stat' ? stated(one, 0) : ok(one))));
  });
  const session = xrootdSession({ retries: 0 });
  onTestFinished(() => session.close());
  expect(await storeUrl(session, url, five())).toBe(5);
  const steps = ['open', 'write', 'sync', 'stat', 'close'];
  expect(so).toEqual([...steps, ...steps]);
});

test('told to wait before it is written, it is closed by then: all is done again', async () => {
  const { url, times } = await scriptedXrootd((asked, _, nth) => {
    if (nth === 2) return reply(asked.stream, status.wait, int(0), 'busy');
    return plainly(asked, names[asked.number]!, []);
  });
  const session = xrootdSession({ retries: 0 });
  onTestFinished(() => session.close());
  expect(await storeUrl(session, url, five())).toBe(5);
  // Nothing is asked by a handle that may be another file's by now.
  expect(times()).toBe(10);
});

test.each([
  ['write', 3009, 'full'],
  ['sync', 3007, 'unavailable'],
  ['stat', 3007, 'unavailable'],
  ['close', 3007, 'unavailable'],
] as const)('what is refused is told, and nothing stays: %s', async (what, number, code) => {
  const { url, so, session } = await gathering((asked, name, done) =>
    name === what ? refused(asked, number, `no ${what}`) : plainly(asked, name, done),
  );
  await expect(storeUrl(session, url, five())).rejects.toMatchObject({
    code,
    message: expect.stringContaining(`no ${what}`),
  });
  expect(so.slice(0, 6)).toEqual(['open', 'write', 'sync', 'stat', 'close', 'rm']);
});

test('a size that is not what was written is told, and nothing stays', async () => {
  const { url, so, session } = await gathering((asked, name, done) =>
    name === 'stat' ? stated(asked, 4) : plainly(asked, name, done),
  );
  await expect(storeUrl(session, url, five())).rejects.toMatchObject({ code: 'corrupt' });
  expect(so).toContain('rm');
});

const five5 = (asked: Asked, name: string, body: string) =>
  name === 'open' ? opened(asked.stream, 5) : name === 'read' ? reply(asked.stream, status.ok, body) : ok(asked);

test('a small file is read in two round trips', async () => {
  const { url, so, session } = await gathering((asked, name) => five5(asked, name, 'hello'));
  expect(await all(readUrl(session, url))).toBe('hello');
  expect(so).toEqual(['open', 'read', 'close']);
});

test.each(['it gives less at a time', 'it closes first', 'it refuses'])(
  'read and closed at once without all that was asked for, it is read step by step: %s',
  async (how) => {
    const so: string[] = [];
    let isFirst = true;
    let read: Asked | undefined;
    const { url } = await scriptedXrootd((asked) => {
      const name = names[asked.number]!;
      so.push(name);
      if (name === 'open') return opened(asked.stream, 5);
      if (isFirst && name === 'read') {
        read = asked;
        return undefined;
      }
      if (isFirst && name === 'close') {
        isFirst = false;
        if (how === 'it gives less at a time') return Buffer.concat([reply(read!.stream, status.ok, 'he'), ok(asked)]);
        const no = refused(read!, 3004, 'not open');
        return Buffer.concat(how === 'it closes first' ? [ok(asked), no] : [no, ok(asked)]);
      }
      if (name !== 'read') return ok(asked);
      const at = asked.parameters.readInt32BE(8);
      return reply(asked.stream, status.ok, 'hello'.slice(at, at + 2));
    });
    const session = xrootdSession({ retries: 0 });
    onTestFinished(() => session.close());
    expect(await all(readUrl(session, url))).toBe('hello');
    // Nobody waits for the second close.
    expect(so.slice(0, 7)).toEqual(['open', 'read', 'close', 'open', 'read', 'read', 'read']);
  },
);
