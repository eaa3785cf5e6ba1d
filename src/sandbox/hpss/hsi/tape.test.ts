import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testSystem } from '../test-system.ts';
import { digester } from './digests.ts';

const home = '/home/e/elvis';

test.each([
  ['md5', '900150983cd24fb0d6963f7d28e17f72'],
  ['sha1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['crc32', '352441c2'],
  ['adler32', '024d0127'],
])('1, checksums: %s of abc', (algorithm, hex) => {
  const sum = digester(algorithm);
  sum.update(Buffer.from('a'));
  sum.update(Buffer.from('bc'));
  expect(sum.hex()).toBe(hex);
});

test('1, checksums: create, list, verify, delete; damage shows only in verify', async () => {
  const { hsi, plant, folder } = await testSystem();
  plant({ f: 'abc' });
  const md5 = '900150983cd24fb0d6963f7d28e17f72';
  const line = `${md5} (md5) ${home}/x [hsi]\n`;
  expect((await hsi('-q', 'put f : x; hashcreate x')).err).toBe(line);
  expect((await hsi('-q', 'hashlist x; lshash x')).err).toBe(line + line);
  expect(await hsi('-q', 'hashver x')).toEqual({ status: 0, out: '', err: `${home}/x: (md5) OK\n` });
  writeFileSync(join(folder, 'files', home, 'x'), 'abd');
  expect((await hsi('-q', 'hashlist x')).err).toBe(line);
  expect(await hsi('-q', 'hashverify x')).toMatchObject({ status: 65 });
  expect(await hsi('-q', 'hashdelete x; hashlist x')).toMatchObject({ status: 64 });
  expect((await hsi('-q', 'put -c on f : y; hashlist y')).err).toContain(`${md5} (md5) ${home}/y`);
  expect((await hsi('-q', 'put -H sha1 f : z; hashlist z')).err).toContain('(sha1)');
});

test('get -c on finds damage', async () => {
  const { hsi, plant, folder } = await testSystem();
  plant({ f: 'abc' });
  await hsi('-q', 'put -c on f : x');
  writeFileSync(join(folder, 'files', home, 'x'), 'abd');
  expect((await hsi('-q', 'get -c on back : x')).status).toBe(65);
  expect((await hsi('-q', 'get back : x')).status).toBe(0);
});

test('tape positions are the same for the same deeds, several cartridges in turn, and need comparing as numbers', async () => {
  const positions = async () => {
    const { hsi, plant } = await testSystem({ tapesAtOnce: 2, cartridgeBytes: 11 * 2 ** 20 });
    plant({ big: Buffer.alloc(2 ** 20), small: 'x'.repeat(700) });
    for (let at = 0; at < 24; at += 1) await hsi('-q', `put big : b${at}; put small : s${at}; put small : t${at}`);
    const { err } = await hsi('-q', 'ls -P');
    return err.split('\n').flatMap((line) => {
      const [, path, , , position, cartridge] = line.split('\t').map((field) => field.trim());
      return path === undefined ? [] : [`${path} ${cartridge} ${position}`];
    });
  };
  const first = await positions();
  expect(await positions()).toEqual(first);
  expect(new Set(first).size).toBe(72);
  expect(new Set(first.map((line) => line.split(' ').slice(1).join(' '))).size).toBe(72);
  expect(new Set(first.map((line) => line.split(' ')[1])).size).toBeGreaterThan(2);
  const sections = first.map((line) => Number(/ (\d+)\+/.exec(line)?.[1]));
  expect(Math.max(...sections)).toBeGreaterThan(9);
});

test('reading from tape costs a mount for each cartridge that is in no drive; what is on disk costs none', async () => {
  const { hsi, plant, sessions } = await testSystem({ tapesAtOnce: 2, drives: 1 });
  plant({ f: 'x'.repeat(100) });
  await hsi('-q', 'put f : a; put f : b; put f : c; put f : d');
  const mounts = () => sessions().at(-1)!.mounts;
  await hsi('-q', 'get - : a; get - : b');
  expect(mounts()).toBe(0);
  await hsi('-q', 'purge a b c d; get - : a; get - : b; get - : c');
  expect(mounts()).toBe(3);
  await hsi('-q', 'get - : a; get - : b; get - : c');
  expect(mounts()).toBe(3);
  await hsi('-q', 'purge a c; stage a c');
  expect(mounts()).toBe(3);
  expect(sessions().at(-1)!.seconds).toBeGreaterThan(270);
});

test('a mount can really take time', async () => {
  const { hsi, plant } = await testSystem({ mountSeconds: 100, realSecondsPerSecond: 0.001 });
  plant({ f: 'x' });
  await hsi('-q', 'put f : a; purge a');
  const before = performance.now();
  await hsi('-q', 'stage a');
  expect(performance.now() - before).toBeGreaterThan(99);
});

test('get wakes a file, -S does not, -C sends it to sleep again', async () => {
  const { hsi, plant } = await testSystem();
  plant({ f: 'x' });
  const where = async () => / (DISK|TAPE) /.exec((await hsi('-q', 'ls -U a')).err)?.[1];
  await hsi('-q', 'put f : a; purge a');
  expect(await where()).toBe('TAPE');
  await hsi('-q', 'get -S x : a');
  expect(await where()).toBe('TAPE');
  await hsi('-q', 'get x : a');
  expect(await where()).toBe('DISK');
  await hsi('-q', 'get -C x : a');
  expect(await where()).toBe('TAPE');
});

test('what is not on tape cannot be purged', async () => {
  const { hsi, plant } = await testSystem({ migration: 'when-asked' });
  plant({ f: 'x' });
  expect(await hsi('-q', 'put f : a; purge a')).toMatchObject({
    status: 75,
    err: expect.stringContaining('HPSS_EBUSY'),
  });
});

test('the place on tape goes with a file that is renamed, and not with one that is overwritten', async () => {
  const { hsi, plant } = await testSystem();
  plant({ f: 'x' });
  const place = async (name: string) => (await hsi('-q', `ls -P ${name}`)).err.split('\t').slice(4, 6).join(' ');
  await hsi('-q', 'put f : a; put f : b');
  const before = await place('a');
  await hsi('-q', 'mv a c');
  expect(await place('c')).toBe(before);
  await hsi('-q', 'put f : c');
  expect(await place('c')).not.toBe(before);
});

test('classes of service: by size, and as chcos says; accounts as -a says', async () => {
  const { hsi, plant } = await testSystem({
    classes: [
      { id: 5, name: 'small', upToBytes: 10, copies: 1 },
      { id: 6, name: 'large', upToBytes: 1000, copies: 2 },
    ],
  });
  plant({ f: 'x', g: 'x'.repeat(11) });
  await hsi('-q', '-a', '77', 'put f : a; put g : b; put f : c; chcos 6 c');
  const columns = (await hsi('-q', 'ls -U')).err.match(/elvis +elvis +(\d+ +\d+) DISK/g);
  expect(columns?.map((line) => line.replace(/ +/g, ' '))).toEqual([
    'elvis elvis 5 77 DISK',
    'elvis elvis 6 77 DISK',
    'elvis elvis 6 77 DISK',
  ]);
  expect((await hsi('-q', 'ls -P b')).err.split('\t')[8]).toBe('2');
});

test('sessions are counted, with their commands and exit statuses', async () => {
  const { hsi, sessions, folder } = await testSystem();
  await hsi('-q', 'pwd; rm nope');
  expect(sessions()).toMatchObject([
    { event: 'begin', tool: 'hsi', argv: ['-q', 'pwd; rm nope'] },
    { event: 'end', tool: 'hsi', commands: 2, status: 72 },
  ]);
  expect(readFileSync(join(folder, 'sessions.jsonl'), 'utf8').endsWith('\n')).toBe(true);
});
