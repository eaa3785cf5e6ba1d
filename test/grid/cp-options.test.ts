import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { registerMembers } from '../../src/sandbox/jalien/archive-members.ts';
import { runAlien } from '../alien.ts';
import { gridStand } from '../grid-stand.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { type Asked, opened, reply, scriptedXrootd, status } from '../scripted-xrootd.ts';
import { hasXrootd } from '../xrootd-servers.ts';

const { test } = needing(hasXrootd);
const [close, open, read] = [3003, 3010, 3013];
const at = '@LOCALHOST::JTESTSITE::ODD';

/** A user of one storage element that answers as is said. */
async function oddElement(answer: (asked: Asked, socket: Socket) => Buffer | undefined) {
  const { port } = await scriptedXrootd(answer);
  const stand = await gridStand([], { strange: [{ name: 'ODD', port }] });
  const folder = await scratchFolder();
  const env = { ...stand.env, XRD_CONNECTIONRETRY: '0' };
  return { stand, folder, cp: (...line: readonly string[]) => runAlien(env, 'alien_cp', line) };
}

test('-chunks and -chunksz: so many requests of that length are under way', async () => {
  const bytes = Buffer.alloc(12 * 8192, 'abc');
  const waiting: Asked[] = [];
  const { stand, folder, cp } = await oddElement((asked, socket) => {
    const { stream, number, parameters } = asked;
    if (number === open) return opened(stream, bytes.length);
    if (number !== read) return reply(stream, status.ok);
    expect(parameters.readInt32BE(12)).toBe(8192);
    waiting.push(asked);
    // Not one answer before six are asked for, which are more than there are if nothing is said.
    if (waiting.length === 6) {
      for (const one of waiting.splice(0)) {
        const from = Number(one.parameters.readBigInt64BE(4));
        socket.write(reply(one.stream, status.ok, bytes.subarray(from, from + 8192)));
      }
    }
    return undefined;
  });
  stand.plant('it', bytes, 'ODD');
  const brought = await cp('-chunks', '6', '-chunksz', '8K', 'it', `file:${folder}/it`);
  expect(brought).toMatchObject({ status: 0 });
  expect(readFileSync(join(folder, 'it')).equals(bytes)).toBe(true);
});

test('-T 1: one file after the other; else several at once', async () => {
  let [now, most, together] = [0, 0, 1];
  const held: (() => void)[] = [];
  const { stand, folder, cp } = await oddElement(({ stream, number }, socket) => {
    if (number === close) now -= 1;
    if (number !== open) return reply(stream, status.ok, number === read ? 'abc' : '');
    most = Math.max(most, ++now);
    held.push(() => socket.write(opened(stream, 3)));
    // The first waits for so many: it is not so fast that it is through before the next is begun.
    if (most >= together) for (const answer of held.splice(0)) answer();
    return undefined;
  });
  for (let index = 0; index < 12; index += 1) stand.plant(`many/${index}`, Buffer.from('abc'), 'ODD');
  expect(await cp('-T', '1', 'many/', `file:${folder}/one`)).toMatchObject({ status: 0 });
  expect(most).toBe(1);
  together = 2;
  expect(await cp('-T', '8', 'many/', `file:${folder}/more`)).toMatchObject({ status: 0 });
});

test('-retry: so often all replicas are tried once more; -norecovery: not at all', async () => {
  const { stand, folder, cp } = await oddElement((_, socket) => void socket.destroy());
  stand.plant('it', Buffer.from('abc'), 'ODD');
  const asked = () => stand.central.requests.filter(({ command }) => command === 'access').length;
  for (const [option, tries] of [
    [['-retry', '0'], 1],
    [['-retry', '1'], 2],
    [['-norecovery'], 1],
  ] as const) {
    const before = asked();
    expect((await cp(...option, 'it', `file:${folder}/it`)).status).not.toBe(0);
    expect(asked() - before, option.join(' ')).toBe(tries);
  }
});

test('-timeout: a file that does not come in time is given up', async () => {
  const { stand, folder, cp } = await oddElement(({ stream, number }) =>
    number === open ? opened(stream, 3) : undefined,
  );
  stand.plant('it', Buffer.from('abc'), 'ODD');
  const late = await cp('-timeout', '1', 'it', `file:${folder}/it`);
  expect(late.status).not.toBe(0);
  expect(late.err).toContain('it took longer than 1 s');
});

test('-P and -cksum are always so: a file that is not closed in order is not to stay, and what came is checked', async () => {
  const options: number[] = [];
  const { stand, folder, cp } = await oddElement(({ stream, number, parameters }) => {
    if (number === open) options.push(parameters.readUInt16BE(2));
    if (number === open) return opened(stream, 3);
    return reply(stream, status.ok, number === read ? 'xyz' : '');
  });
  stand.plant('it', Buffer.from('abc'), 'ODD');
  writeFileSync(join(folder, 'up'), 'abc');
  const persist = 0x1000;
  for (const given of [[], ['-P', '-cksum']]) {
    options.length = 0;
    // It says yes to everything and has not what it was given.
    expect((await cp(...given, '-strictspec', '-norecovery', `file:${folder}/up`, `up${at}`)).status).not.toBe(0);
    expect(options.some((one) => (one & persist) !== 0)).toBe(true);
    const brought = await cp(...given, '-norecovery', 'it', `file:${folder}/it`);
    expect(brought.status).not.toBe(0);
    expect(brought.err).toContain('MD5');
  }
});

test('-strictspec: only the element that is named is asked for', async () => {
  const { stand, folder, cp } = await oddElement((_, socket) => void socket.destroy());
  stand.plant('it', Buffer.from('abc'), 'ODD');
  const flags = () => stand.central.requests.findLast(({ command }) => command === 'access')!.options;
  await cp('-norecovery', `it${at}`, `file:${folder}/it`);
  expect(flags()).not.toContain('-f');
  await cp('-norecovery', '-strictspec', `it${at}`, `file:${folder}/it`);
  expect(flags()).toContain('-f');
});

test('-y 2: the bytes come from both replicas, without it from one', async () => {
  const bytes = randomBytes(2 << 20);
  const asked = { ONE: 0, TWO: 0 };
  let needed: readonly (keyof typeof asked)[] = ['ONE'];
  const held: (() => void)[] = [];
  const portOf = async (name: keyof typeof asked): Promise<number> => {
    const { port } = await scriptedXrootd(({ stream, number, parameters }, socket) => {
      if (number === open) return opened(stream, bytes.length);
      if (number !== read) return reply(stream, status.ok);
      asked[name] += 1;
      const from = Number(parameters.readBigInt64BE(4));
      held.push(() => socket.write(reply(stream, status.ok, bytes.subarray(from, from + parameters.readInt32BE(12)))));
      // Nobody is answered before all are asked who must be: none is so fast that nothing is left for the other.
      if (needed.every((one) => asked[one] > 0)) for (const answer of held.splice(0)) answer();
      return undefined;
    });
    return port;
  };
  const strange = [
    { name: 'ONE', port: await portOf('ONE') },
    { name: 'TWO', port: await portOf('TWO') },
  ];
  const stand = await gridStand([], { strange });
  const folder = await scratchFolder();
  stand.plant('large', bytes, 'ONE', 'TWO');
  const cp = (...line: readonly string[]) => runAlien(stand.env, 'alien_cp', ['-chunksz', '64K', ...line]);
  expect(await cp('large', `file:${folder}/one`)).toMatchObject({ status: 0 });
  expect(asked.TWO).toBe(0);
  needed = ['ONE', 'TWO'];
  asked.ONE = 0;
  expect(await cp('-y', '2', 'large', `file:${folder}/both`)).toMatchObject({ status: 0 });
  expect(readFileSync(join(folder, 'both')).equals(bytes)).toBe(true);
});

test('-noxrdzip: the whole archive comes, and not only the ranges of the member', async () => {
  const stand = await gridStand([{ name: 'ONE', line: {} }]);
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'small'), 'abc');
  writeFileSync(join(folder, 'noise'), randomBytes(2 << 20));
  execFileSync('zip', ['-q', 'root_archive.zip', 'small', 'noise'], { cwd: folder });
  const archive = stand.plant('root_archive.zip', readFileSync(join(folder, 'root_archive.zip')));
  const { world } = stand.central;
  const small = registerMembers(world, world.catalogue.get(archive)!).find(({ path }) => path.endsWith('/small'))!;
  const came = () => stand.element('ONE').relay!.passed.reduce((sum, { down }) => sum + down, 0);
  for (const [options, isAll] of [
    [[], false],
    [['-noxrdzip'], true],
  ] as const) {
    const before = came();
    const target = join(folder, `small ${isAll}`);
    expect(await stand.alien('cp', ...options, small.path, `file:${target}`)).toMatchObject({ status: 0 });
    expect(readFileSync(target, 'utf8')).toBe('abc');
    expect(came() - before > 1 << 20).toBe(isAll);
  }
});
