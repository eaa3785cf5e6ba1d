import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runAlien } from '../alien.ts';
import { gridStand } from '../grid-stand.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { type Asked, int, opened, reply, scriptedXrootd, status } from '../scripted-xrootd.ts';
import { hasXrootd } from '../xrootd-servers.ts';

const { test } = needing(hasXrootd);

const [open, read, query] = [3010, 3013, 3001];
const content = Buffer.from('what the file holds');
const home = '/localhost/localdomain/user/j/jalien';

type Answer = (asked: Asked, socket: Socket) => Buffer | undefined;

const headOf = (stream: number, length: number) =>
  Buffer.concat([Buffer.from([stream >> 8, stream & 255, 0, 0]), int(length)]);

/** What a storage element does to whoever asks it for anything: it has him wait. */
const slow: Readonly<Record<string, Answer>> = {
  'asks to wait for years': ({ stream }) => reply(stream, status.wait, int(2_000_000_000)),
  'asks to wait for no time, without end': ({ stream }) => reply(stream, status.wait, int(0)),
  'promises an answer for later': ({ stream }) => reply(stream, status.waitresp, int(2_000_000_000)),
  'says nothing': () => undefined,
  'sends to itself again and again': ({ stream }, socket) =>
    reply(stream, status.redirect, int(socket.localPort!), '127.0.0.1'),
};

/** It answers what cannot be, or is not so. */
const wrong: Readonly<Record<string, Answer>> = {
  'announces two gigabytes': ({ stream }) => headOf(stream, 0x7fffffff),
  'announces less than nothing': ({ stream }) => headOf(stream, -2),
  'speaks another language': () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'answers others than asked': ({ stream }) => reply(stream + 1, status.ok, 'x'),
  'hangs up': (_, socket) => void socket.destroy(),
  'never ends its answer'({ stream }, socket) {
    const part = reply(stream, status.oksofar, 'y'.repeat(60_000));
    const more = (): void => {
      if (!socket.destroyed) socket.write(part, more);
    };
    more();
    return undefined;
  },
  'says yes to everything': ({ stream, number, parameters }) => {
    if (number === open) return opened(stream, content.length);
    if (number === query) return reply(stream, status.ok, 'chksum\n');
    return reply(stream, status.ok, number === read ? Buffer.alloc(parameters.readInt32BE(12)) : '');
  },
};

/** So much patience, in seconds, is tried, from little to what even a good one on a busy machine does not use up. */
const patience = [1, 10, 60];

/** One storage element that is as the script says, and one that is good; nobody has more patience than the good one needs. */
async function twoElements() {
  let answer: Answer = slow['says nothing']!;
  const sockets = new Set<Socket>();
  const bad = await scriptedXrootd((asked, socket) => {
    sockets.add(socket);
    return answer(asked, socket);
  });
  const stand = await gridStand([{ name: 'GOOD' }], { strange: [{ name: 'BAD', port: bad.port }] });
  const envOf = (seconds: number) => ({
    ...stand.env,
    XRD_REQUESTTIMEOUT: `${seconds}`,
    XRD_STREAMTIMEOUT: `${seconds}`,
    XRD_CONNECTIONWINDOW: `${seconds}`,
    XRD_CONNECTIONRETRY: '0',
    XRD_CPINITTIMEOUT: `${seconds}`,
  });
  return {
    stand,
    folder: await scratchFolder(),
    /** A try that fails leaves notes of its LFN, so that each has another one: `%` becomes the patience, which is told. */
    async cp(...line: readonly string[]) {
      for (const seconds of patience) {
        const own = line.map((word) => word.replace('%', String(seconds)));
        const ran = { ...(await runAlien(envOf(seconds), 'alien_cp', own)), seconds };
        if (seconds === patience.at(-1) || !ran.err.includes('LOCALHOST::JTESTSITE::GOOD: ')) return ran;
      }
      return expect.unreachable();
    },
    is(script: Answer) {
      answer = script;
      sockets.clear();
    },
    sent: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
  };
}

/** Of an answer without end so much may be on its way when the line is cut. */
const mostBytes = 64 << 20;

const kinds = [
  ['slow', slow],
  ['wrong', wrong],
] as const;

test.each(kinds)(
  'one storage element is %s: it is named, and a file is brought from the next; without one, it is no success',
  async (_, hostile) => {
    const { stand, folder, cp, is, sent } = await twoElements();
    stand.plant('both', content, 'BAD', 'GOOD');
    stand.plant('one', content, 'BAD');
    let names: readonly string[] = [];
    for (const [what, answer] of Object.entries(hostile)) {
      is(answer);
      const target = join(folder, what);
      const brought = await cp('both@LOCALHOST::JTESTSITE::BAD', `file:${target}`);
      expect(brought, what).toMatchObject({ status: 0, err: expect.stringContaining('LOCALHOST::JTESTSITE::BAD: ') });
      expect(readFileSync(target).equals(content), what).toBe(true);
      names = [...names, what];

      const { status, err } = await cp('-retry', '0', 'one', `file:${target} of one`);
      expect(status, what).not.toBe(0);
      expect(err, what).toMatch(/1 file not copied:\n.*\/one -> .*LOCALHOST::JTESTSITE::BAD: /);
      // Neither is anything left under another name.
      expect([...readdirSync(folder)].sort(), what).toEqual([...names].sort());
      expect(sent(), what).toBeLessThan(mostBytes);
    }
  },
);

test.each(kinds)(
  'one storage element is %s: it is named, and a file is stored at the next; without one, it is no success',
  async (_, hostile) => {
    const { stand, folder, cp, is, sent } = await twoElements();
    const { catalogue } = stand.central.world;
    const local = join(folder, 'local');
    writeFileSync(local, content);
    for (const [index, [what, answer]] of Object.entries(hostile).entries()) {
      is(answer);
      const stored = await cp(`file:${local}`, `file${index}-%@LOCALHOST::JTESTSITE::BAD`);
      expect(stored, what).toMatchObject({ status: 0, err: expect.stringContaining('LOCALHOST::JTESTSITE::BAD: ') });
      expect(readFileSync(stand.replica(`${home}/file${index}-${stored.seconds}`, 'GOOD')).equals(content), what).toBe(
        true,
      );

      const { status, err } = await cp(
        '-strictspec',
        '-retry',
        '0',
        `file:${local}`,
        `other${index}@LOCALHOST::JTESTSITE::BAD`,
      );
      expect(status, what).not.toBe(0);
      expect(err, what).toMatch(/1 file not copied:\n.*other\d+ could not be stored at /);
      expect(catalogue.get(`${home}/other${index}`), what).toBeUndefined();
      expect(sent(), what).toBeLessThan(mostBytes);
    }
  },
);
