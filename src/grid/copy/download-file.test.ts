import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type CopyStand, copyStand, homeOf } from '../../../test/copies.ts';
import { needing } from '../../../test/needing.ts';
import { until } from '../../../test/waiting.ts';
import { hasXrootd } from '../../../test/xrootd-servers.ts';
import { registerMembers } from '../../sandbox/jalien/archive-members.ts';
import type { CopyEvent } from './copy-event.ts';
import type { Download } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import { readLfn } from './read-lfn.ts';

const { test } = needing(hasXrootd);

const two = [{ name: 'ONE' }, { name: 'TWO' }] as const;

function download(stand: CopyStand, lfn: string, name: string, more: Partial<Download> = {}): Download {
  return { kind: 'download', lfn, local: join(stand.folder, name), where: [], ...more };
}

/** What is told, in short: kind, element or reason. */
function told(events: readonly CopyEvent[]): readonly string[] {
  return events
    .filter(({ kind }) => kind !== 'moved' && kind !== 'started')
    .map((event) => {
      if (event.kind === 'replica failed') return `replica failed ${event.se.split('::').at(-1)} ${event.reason.code}`;
      if (event.kind === 'failed') return `failed ${event.reason.code}`;
      if (event.kind === 'present') return `present by ${event.by}`;
      if (event.kind === 'copied') return `copied ${event.elements.map((one) => one.split('::').at(-1)).join(' ')}`;
      return event.kind;
    });
}

function leftIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('.stowage'));
}

test.each([
  ['small', 10_000],
  ['large', 5 << 20],
  ['empty', 0],
])('a file comes whole and proven, under folders that are made (%s)', async (_, length) => {
  const stand = await copyStand(two);
  const bytes = randomBytes(length);
  const lfn = stand.grid.plant('file', bytes, 'ONE', 'TWO');
  const job = download(stand, lfn, 'not/there/yet');
  const events = await stand.copy([job]);
  expect(events.filter(({ kind }) => kind === 'started')).toEqual([{ kind: 'started', job, bytes: length }]);
  expect(events.at(-1)).toMatchObject({ kind: 'copied', job, bytes: length });
  expect(told(events)).toEqual(['copied ONE']);
  expect(readFileSync(job.local).equals(bytes)).toBe(true);
  expect(statSync(job.local).mode & 0o777).toBe(0o666 & ~process.umask());
  expect(leftIn(join(stand.folder, 'not/there'))).toEqual([]);
});

test.each([
  ['small', 10_000],
  ['large', 5 << 20],
])('a replica that is missing, has another size or lies is named, and the next one taken (%s)', async (_, length) => {
  const stand = await copyStand([...two, { name: 'THREE' }]);
  const bytes = randomBytes(length);
  const lfn = stand.grid.plant('file', bytes, 'ONE', 'TWO', 'THREE');
  stand.grid.lose(lfn, 'ONE');
  stand.grid.corrupt(lfn, 'TWO');
  const job = download(stand, lfn, 'here');
  const events = await stand.copy([job]);
  expect(told(events)).toEqual(['replica failed ONE missing', 'replica failed TWO corrupt', 'copied THREE']);
  expect(readFileSync(job.local).equals(bytes)).toBe(true);
  const moved = events.map((event) => (event.kind === 'moved' ? event.bytes : 0)).reduce((a, b) => a + b, 0);
  expect(moved).toBe(length);
  writeFileSync(stand.grid.replica(lfn, 'TWO'), bytes.subarray(0, -1));
  expect(told(await stand.copy([download(stand, lfn, 'again')]))[1]).toBe('replica failed TWO corrupt');
});

test('all replicas bad: it failed with each of them and its reason, nothing is left, and what was there stays', async () => {
  const stand = await copyStand(two);
  for (const length of [1000, 3 << 20]) {
    const lfn = stand.grid.plant(`file${length}`, randomBytes(length), 'ONE', 'TWO');
    stand.grid.lose(lfn, 'TWO');
    stand.grid.corrupt(lfn, 'ONE');
    const old = stand.local('old', 'what was there');
    utimesSync(old, 1, 1);
    const events = await stand.copy([download(stand, lfn, 'old'), download(stand, lfn, 'new')], {
      different: 'replace',
    });
    const failures = events.filter((event) => event.kind === 'failed');
    expect(failures).toHaveLength(2);
    for (const { reason } of failures) {
      expect(reason.message).toMatch(/ONE: .*MD5.*TWO: .*no such file/i);
      expect(reason.code).toBe('unavailable');
    }
    expect(readFileSync(old, 'utf8')).toBe('what was there');
    expect(existsSync(join(stand.folder, 'new'))).toBe(false);
    expect(leftIn(stand.folder)).toEqual([]);
  }
});

test.each(['cut', 'stall'] as const)(
  'a replica that ends in the middle (%s): the next goes on where it stopped',
  async (harm) => {
    const bytes = randomBytes(6 << 20);
    const stand = await copyStand(
      [{ name: 'FAR', line: { harm: { direction: 'down', bytes: 3 << 20, do: harm } } }, { name: 'NEAR' }],
      // Long for a server of this machine, however busy that is.
      { parts: { limits: { ...(harm === 'stall' ? { silenceMs: 6000 } : {}), retries: 0 } } },
    );
    const lfn = stand.grid.plant('file', bytes, 'FAR', 'NEAR');
    const job = download(stand, lfn, 'here');
    const events = await stand.copy([job], { chunkBytes: 1 << 20, chunks: 2 });
    expect(told(events)).toEqual(['replica failed FAR unavailable', 'copied FAR NEAR']);
    expect(readFileSync(job.local).equals(bytes)).toBe(true);
    // Nothing came twice.
    expect(events.every((event) => event.kind !== 'moved' || event.bytes > 0)).toBe(true);
  },
);

test('two halves that do not belong together are found out, and the good replica is taken alone', async () => {
  const bytes = randomBytes(6 << 20);
  const stand = await copyStand(
    [{ name: 'FAR', line: { harm: { direction: 'down', bytes: 3 << 20, do: 'cut' } } }, { name: 'NEAR' }],
    { parts: { limits: { retries: 0 } } },
  );
  const lfn = stand.grid.plant('file', bytes, 'FAR', 'NEAR');
  // In the first half, which comes from here.
  const place = stand.grid.replica(lfn, 'FAR');
  writeFileSync(place, Buffer.concat([Buffer.from([bytes[0]! ^ 1]), bytes.subarray(1)]));
  const job = download(stand, lfn, 'here');
  const events = await stand.copy([job], { chunkBytes: 1 << 20, chunks: 2 });
  expect(told(events)).toEqual(['replica failed FAR unavailable', 'copied NEAR']);
  expect(readFileSync(job.local).equals(bytes)).toBe(true);
});

test('a server that is not there for a while: asked again as often as is said, and told each time', async () => {
  const stand = await copyStand(
    [{ name: 'FAR', line: { harm: { direction: 'down', bytes: 0, do: 'cut', times: 1 } } }],
    {
      parts: { limits: { retries: 0 } },
    },
  );
  const lfn = stand.grid.plant('file', Buffer.from('bytes'), 'FAR');
  const job = download(stand, lfn, 'here');
  expect(told(await stand.copy([job], { retries: 0 }))).toEqual([
    'replica failed FAR unavailable',
    'failed unavailable',
  ]);
  stand.grid.element('FAR').relay!.setHarm({ direction: 'down', bytes: 0, do: 'cut', times: 1 });
  expect(told(await stand.copy([job], { retries: 1 }))).toEqual(['replica failed FAR unavailable', 'copied FAR']);
});

test('the central server restarts again and again in the middle of many files', async () => {
  const stand = await copyStand([{ name: 'NEAR' }]);
  const names = Array.from({ length: 40 }, (_, index) => `file ${index}`);
  const jobs = names.map((name) => download(stand, stand.grid.plant(name, Buffer.from(name), 'NEAR'), name));
  stand.grid.central.setFaults([{ oneIn: 5, do: { kind: 'restart', downMs: 10, when: 'after' } }]);
  const events = await stand.copy(jobs);
  expect(told(events)).toEqual(names.map(() => 'copied NEAR'));
  expect(jobs.map(({ local }) => readFileSync(local, 'utf8'))).toEqual(names);
});

test('more time than there is, and too slow: another replica, or failed', async () => {
  const stand = await copyStand([{ name: 'FAR', line: { harm: { direction: 'down', bytes: 3 << 20, do: 'stall' } } }]);
  const lfn = stand.grid.plant('file', randomBytes(6 << 20), 'FAR');
  const events = await stand.copy([download(stand, lfn, 'here')], { timeoutSeconds: 1 });
  expect(told(events)).toEqual(['failed unavailable']);
  expect(events.at(-1)).toMatchObject({ reason: { message: 'it took longer than 1 s' } });
  expect(leftIn(stand.folder)).toEqual([]);
  expect(existsSync(join(stand.folder, 'here'))).toBe(false);
});

test('what is there is left as it is if it has the size and is no older, or the MD5 where that is wanted; else it is replaced', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  const bytes = Buffer.from('what the detector saw');
  const lfn = stand.grid.plant('file', bytes);
  const job = download(stand, lfn, 'here');
  const by = async (options: CopyOptions = {}) =>
    told(await stand.copy([job], { existing: 'size and time', different: 'replace', ...options }));
  const other = Buffer.from(bytes).fill('x');

  writeFileSync(job.local, other);
  expect(await by()).toEqual(['present by size and time']);
  expect(await by({ existing: 'md5', different: 'refuse' })).toEqual(['failed exists']);
  expect(readFileSync(job.local).equals(other)).toBe(true);
  expect(await by({ existing: 'md5' })).toEqual(['copied ONE']);
  expect(await by({ existing: 'md5' })).toEqual(['present by md5']);
  expect(readFileSync(job.local).equals(bytes)).toBe(true);

  writeFileSync(job.local, other, { mode: 0o600 });
  utimesSync(job.local, 1000, 1000);
  execFileSync('chmod', ['640', job.local]);
  expect(await by()).toEqual(['copied ONE']);
  expect(readFileSync(job.local).equals(bytes)).toBe(true);
  expect(statSync(job.local).mode & 0o777).toBe(0o640);

  writeFileSync(job.local, 'another size');
  expect(await by()).toEqual(['copied ONE']);
  expect(readFileSync(job.local).equals(bytes)).toBe(true);
});

test('a directory, a link to another file or to nowhere, a pipe, a name too long: refused, and untouched', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  const lfn = stand.grid.plant('file', Buffer.from('bytes'));
  const at = (name: string) => join(stand.folder, name);
  mkdirSync(at('directory'));
  writeFileSync(at('other'), 'other bytes');
  symlinkSync('other', at('link'));
  symlinkSync('nowhere', at('dangling'));
  execFileSync('mkfifo', [at('pipe')]);
  const fail = async (name: string) => {
    const events = await stand.copy([download(stand, lfn, name)]);
    expect(events).toHaveLength(1);
    return events[0]!.kind === 'failed' ? `${events[0]!.reason.code}: ${events[0]!.reason.message}` : events[0]!.kind;
  };
  expect(await fail('directory')).toMatch(/^refused: .*is a directory/);
  expect(await fail('link')).toMatch(/^refused: .*is a link, to a file that is not the one/);
  expect(await fail('dangling')).toMatch(/^refused: .*is a link that leads nowhere/);
  expect(await fail('pipe')).toMatch(/^refused: .*is no file/);
  expect(await fail('x'.repeat(256))).toMatch(/^unavailable: .*name too long/);
  expect(await fail('other/below')).toMatch(/^unavailable: .*not a directory/);
  expect([readlinkSync(at('link')), readlinkSync(at('dangling'))]).toEqual(['other', 'nowhere']);
  expect(readFileSync(at('other'), 'utf8')).toBe('other bytes');
  expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
  // A link to the file itself is that file.
  writeFileSync(at('other'), 'bytes');
  expect(told(await stand.copy([download(stand, lfn, 'link')]))).toEqual(['present by md5']);
});

test('extended attributes as alien.py gives them; where they cannot be kept, that is told once', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  const lfns = ['a b=c', 'ünï\\', 'x'].map((name) => stand.grid.plant(name, Buffer.from(name)));
  const before = Date.now();
  const jobs = lfns.map((lfn) => download(stand, lfn, lfn.slice(lfn.lastIndexOf('/') + 1)));
  expect(told(await stand.copy(jobs))).toEqual(['copied ONE', 'copied ONE', 'copied ONE']);
  for (const [at, job] of jobs.entries()) {
    const value = (name: string) =>
      execFileSync('getfattr', ['--absolute-names', '--only-values', '-n', `user.${name}`, job.local], {
        encoding: 'utf8',
      });
    const entry = stand.grid.central.world.catalogue.get(lfns[at]!)!;
    expect(['guid', 'lfn', 'size', 'md5'].map(value)).toEqual([entry.guid, entry.path, String(entry.size), entry.md5]);
    for (const time of ['ts_r', 'ts_w'].map((name) => Number(value(name)))) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
  }
  const path = process.env.PATH;
  onTestFinished(() => {
    process.env.PATH = path;
  });
  process.env.PATH = '/nowhere';
  const again = await stand.copy(lfns.map((lfn, at) => download(stand, lfn, `again${at}`)));
  expect(told(again).toSorted()).toEqual(['copied ONE', 'copied ONE', 'copied ONE', 'no attributes']);
});

test('without an MD5 in the catalogue, what the storage element says of its replica is held to it', async () => {
  const stand = await copyStand([
    { name: 'ONE', config: ['xrootd.chksum max 2 adler32'] },
    { name: 'TWO', config: ['xrootd.chksum max 2 adler32'] },
  ]);
  const bytes = randomBytes(200_000);
  const lfn = stand.grid.plant('file', bytes, 'ONE', 'TWO');
  const { md5: _, ...entry } = stand.grid.central.world.catalogue.get(lfn)!;
  stand.grid.central.world.catalogue.put(entry);
  expect(told(await stand.copy([download(stand, lfn, 'here')]))).toEqual(['copied ONE']);
  expect(readFileSync(join(stand.folder, 'here')).equals(bytes)).toBe(true);
});

test('only the storage elements named, where that is wanted; never one that is excluded', async () => {
  const stand = await copyStand(two);
  const lfn = stand.grid.plant('file', Buffer.from('bytes'), 'ONE', 'TWO');
  const second = 'LOCALHOST::JTESTSITE::TWO';
  stand.grid.lose(lfn, 'TWO');
  const to = (name: string, ...where: string[]) => [download(stand, lfn, name, { where })];
  expect(told(await stand.copy(to('a', second)))).toEqual(['replica failed TWO missing', 'copied ONE']);
  expect(told(await stand.copy(to('b', second), { strict: true }))).toEqual([
    'replica failed TWO missing',
    'failed missing',
  ]);
  expect(told(await stand.copy(to('c', '!LOCALHOST::JTESTSITE::ONE')))).toEqual([
    'replica failed TWO missing',
    'failed missing',
  ]);
});

test.each([
  ['read from afar', {}],
  ['unpacked here', { unpackHere: true }],
] as const)(
  'members of an archive, %s: proven, from the next replica where one is corrupt, and nothing left behind',
  async (_, options) => {
    const stand = await copyStand(two);
    const { world } = stand.grid.central;
    const packed: Readonly<Record<string, Buffer>> = {
      text: Buffer.from('seen\n'.repeat(9999)),
      noise: randomBytes(3 << 20),
    };
    for (const [name, bytes] of Object.entries(packed)) stand.local(name, bytes);
    execFileSync('zip', ['-q', 'root_archive.zip', ...Object.keys(packed)], { cwd: stand.folder });
    const archive = stand.grid.plant(
      'out/root_archive.zip',
      readFileSync(join(stand.folder, 'root_archive.zip')),
      'ONE',
      'TWO',
    );
    const members = registerMembers(world, world.catalogue.get(archive)!);
    const jobs = (to: string) =>
      members.map(({ path }) => download(stand, path, join(to, path.slice(path.lastIndexOf('/') + 1))));
    expect(told(await stand.copy(jobs('good'), options))).toEqual(['copied ONE', 'copied ONE']);
    // In the middle lies the noise.
    stand.grid.corrupt(archive, 'ONE');
    const events = await stand.copy(jobs('bad'), options);
    expect(told(events).toSorted()).toEqual(['copied ONE', 'copied TWO', 'replica failed ONE corrupt']);
    for (const to of ['good', 'bad']) {
      for (const [name, bytes] of Object.entries(packed)) {
        expect(readFileSync(join(stand.folder, to, name)).equals(bytes), name).toBe(true);
      }
      expect(readdirSync(join(stand.folder, to)).toSorted()).toEqual(['noise', 'text']);
    }
    const [noise] = members.filter(({ path }) => path.endsWith('noise'));
    const part: Buffer[] = [];
    for await (const chunk of readLfn(stand.parts, noise!.path, { offset: 70_000, bytes: 100 })) part.push(chunk);
    expect(Buffer.concat(part).equals(packed.noise!.subarray(70_000, 70_100))).toBe(true);
    world.catalogue.put({ ...noise!, size: 5 });
    expect(told(await stand.copy([download(stand, noise!.path, 'short')], options)).at(-1)).toBe('failed corrupt');
    expect(leftIn(stand.folder)).toEqual([]);
  },
);

const spread = { sources: 3, chunkBytes: 100_000, chunks: 2 } as const;

/** What a replica gives is held back in the middle of its first chunk, so that it has given nothing yet, and been asked. */
const inFirstChunk = { direction: 'down', bytes: 50_000, do: 'hold' } as const;

test('several replicas at once: one that is missing, of another size, or lies is named, and the file is right', async () => {
  const names = ['ONE', 'TWO', 'THREE'];
  const stand = await copyStand(names.map((name) => ({ name, line: {} })));
  const bytes = randomBytes(5_000_000);
  // Another file each time: a server has one open still, for nobody waits for the close, and would go on giving what is no longer there.
  const plant = (name: string) => stand.grid.plant(name, bytes, ...names);
  /** Those that are held give nothing before all of them are asked for a chunk, and so many have failed: none is so fast that nothing is left for others. */
  const copied = async (name: string, held: readonly string[], failures: number): Promise<readonly string[]> => {
    const job = download(stand, `${homeOf(stand.grid)}/${name}`, name);
    const lines = held.map((one) => stand.grid.element(one).relay!);
    const before = lines.map(({ passed }) => passed.map(({ down }) => down));
    for (const line of lines) line.setHarm(inFirstChunk);
    let failed = 0;
    const copying = stand.copy([job], spread, ({ kind }) => {
      if (kind === 'replica failed') failed += 1;
    });
    const isAsked = ({ passed }: (typeof lines)[number], at: number) =>
      passed.some(({ down }, connection) => down - (before[at]![connection] ?? 0) > inFirstChunk.bytes);
    await until('all have been asked', () => failed >= failures && lines.every(isAsked));
    for (const line of lines) line.setHarm(undefined);
    const events = await copying;
    if (events.at(-1)!.kind === 'copied') expect(readFileSync(job.local).equals(bytes)).toBe(true);
    return told(events).toSorted();
  };
  plant('all');
  const [all] = await copied('all', names, 0);
  expect(all!.split(' ').toSorted()).toEqual(['ONE', 'THREE', 'TWO', 'copied']);

  const two = plant('two');
  stand.grid.lose(two, 'ONE');
  writeFileSync(stand.grid.replica(two, 'THREE'), bytes.subarray(1));
  const onlyTwo = ['copied TWO', 'replica failed ONE missing', 'replica failed THREE corrupt'];
  expect(await copied('two', ['TWO'], 2)).toEqual(onlyTwo);

  const liar = plant('liar');
  stand.grid.lose(liar, 'ONE');
  writeFileSync(stand.grid.replica(liar, 'THREE'), Buffer.alloc(bytes.length));
  expect(await copied('liar', ['TWO', 'THREE'], 1)).toEqual(onlyTwo);

  const other = plant('none');
  for (const name of ['ONE', 'TWO']) stand.grid.lose(other, name);
  writeFileSync(stand.grid.replica(other, 'THREE'), Buffer.alloc(bytes.length));
  const none = [
    'failed unavailable',
    'replica failed ONE missing',
    'replica failed THREE corrupt',
    'replica failed TWO missing',
  ];
  expect(await copied('none', [], 0)).toEqual(none);
  expect(leftIn(stand.folder)).toEqual([]);
});

test('several replicas at once, of which one is cut off in the middle: its part is read from the other', async () => {
  const harm = { direction: 'down', bytes: 250_000, do: 'cut' } as const;
  const stand = await copyStand(
    [
      { name: 'BAD', line: { harm } },
      { name: 'OTHER', line: { harm: inFirstChunk } },
    ],
    {
      parts: { limits: { retries: 0 } },
    },
  );
  const bytes = randomBytes(5_000_000);
  const lfn = stand.grid.plant('file', bytes, 'BAD', 'OTHER');
  const job = download(stand, lfn, 'here');
  // The other one is not so fast that nothing is left to be cut off.
  const events = await stand.copy([job], spread, ({ kind }) => {
    if (kind === 'replica failed') stand.grid.element('OTHER').relay!.setHarm(undefined);
  });
  expect(told(events)[0]).toBe('replica failed BAD unavailable');
  expect(events.at(-1)).toMatchObject({ kind: 'copied' });
  expect(readFileSync(job.local).equals(bytes)).toBe(true);
});
