import { readFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { openToRead, openToWrite } from '../src/grid/xrootd/remote-file.ts';
import { type SessionOptions, xrootdSession } from '../src/grid/xrootd/session.ts';
import { readUrl } from '../src/grid/xrootd/transfers.ts';
import { type GridStand, gridStand } from './grid-stand.ts';
import { needing } from './needing.ts';
import { hasXrootd } from './xrootd-servers.ts';

const { test } = needing(hasXrootd);

const bytes = Buffer.from('what the detector saw\n'.repeat(5000));

function session(stand: GridStand, options: SessionOptions = {}) {
  const made = xrootdSession({ authorities: [readFileSync(stand.central.files.caFile, 'utf8')], ...options });
  onTestFinished(() => made.close());
  return made;
}

function urlOf({ central }: GridStand, lfn: string, name: string): string {
  return central.world.catalogue.get(lfn)!.replicas.find(({ se }) => se.endsWith(`::${name}`))!.pfn;
}

async function read(stand: GridStand, lfn: string, name: string, options: SessionOptions = {}): Promise<Buffer> {
  const got: Buffer[] = [];
  for await (const chunk of readUrl(session(stand, { retries: 0, ...options }), urlOf(stand, lfn, name)))
    got.push(chunk);
  return Buffer.concat(got);
}

test('plain, encrypted, and a redirector with two servers: what was planted is read; corrupt and lost replicas are what they say', async () => {
  const stand = await gridStand([
    { name: 'PLAIN' },
    { name: 'SECURE', tls: 'named' },
    { name: 'STRICT', tls: 'demanded', qos: ['tape'] },
    { name: 'MANY', redirector: true },
  ]);
  const names = ['PLAIN', 'SECURE', 'STRICT', 'MANY'];
  const lfns = Array.from({ length: 12 }, (_, index) => stand.plant(`run/${index}`, bytes, ...names));
  for (const name of names) expect((await read(stand, lfns[0]!, name)).equals(bytes)).toBe(true);
  expect(urlOf(stand, lfns[0]!, 'SECURE')).toMatch(/^roots:/);
  // Guids spread over both halves.
  const places = lfns.map((lfn) => stand.replica(lfn, 'MANY'));
  const { holders } = stand.element('MANY');
  for (const holder of holders) expect(places.some((place) => place.startsWith(holder.data))).toBe(true);
  for (const lfn of lfns) expect((await read(stand, lfn, 'MANY')).equals(bytes)).toBe(true);

  expect((await stand.alien('ls', 'run')).out.split('\n')).toHaveLength(13);
  stand.corrupt(lfns[0]!, 'PLAIN');
  const bad = await read(stand, lfns[0]!, 'PLAIN');
  expect([bad.length, bad.equals(bytes)]).toEqual([bytes.length, false]);
  stand.lose(lfns[0]!, 'MANY');
  await expect(read(stand, lfns[0]!, 'MANY')).rejects.toMatchObject({ code: 'missing' });
});

test('full: nothing new can be written, and what is there is read', async () => {
  const stand = await gridStand([{ name: 'FULL', full: true }]);
  const lfn = stand.plant('file', bytes);
  expect((await read(stand, lfn, 'FULL')).equals(bytes)).toBe(true);
  const url = `${urlOf(stand, lfn, 'FULL')}-new`;
  await expect(openToWrite(session(stand), url)).rejects.toMatchObject({ code: 'full', facts: { errno: 'ENOSPC' } });
});

test.each(['cut', 'stall'] as const)('a line that is bad in the middle of a file (%s)', async (harm) => {
  const stand = await gridStand([{ name: 'FAR', line: { harm: { direction: 'down', bytes: 50_000, do: harm } } }]);
  const lfn = stand.plant('file', bytes);
  const impatient = { silenceMs: 1000 };
  await expect(read(stand, lfn, 'FAR', impatient)).rejects.toMatchObject({
    code: 'unavailable',
    facts: { lost: true },
  });
  stand.element('FAR').relay!.setHarm(undefined);
  expect((await read(stand, lfn, 'FAR')).equals(bytes)).toBe(true);
});

test('a long line: each round trip takes as long as it says, to a storage element and to the central server', async () => {
  const stand = await gridStand([{ name: 'FAR', line: { delayMs: 20 } }], { line: { delayMs: 20 } });
  const lfn = stand.plant('file', bytes);
  const began = performance.now();
  const file = await openToRead(session(stand), urlOf(stand, lfn, 'FAR'));
  // To connect, to begin, to log in, to open: four, and never less. Each of the eight ways may be a hair short, as clocks are read in whole milliseconds.
  expect(performance.now() - began).toBeGreaterThan(4 * 40 - 20);
  expect(Buffer.from(await file.read(0, Buffer.alloc(bytes.length))).equals(bytes)).toBe(true);
  expect((await stand.alien('pwd')).status).toBe(0);
});
