import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import { plainModules } from '../../test/plain-modules.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { anyTree, grow } from '../../test/tree.ts';
import { realFiles } from '../durable/real-files.ts';
import { fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { Entry, Unseen } from '../model/entry.ts';
import { joinPath } from '../model/relative-path.ts';
import type { ListingRow } from '../shards/listing-row.ts';
import { listingRows } from '../shards/listing-rows.ts';
import { crew } from '../threads/crew.ts';
import { entryOf } from './entry-of.ts';
import type { ScanState } from './scan-ledger.ts';
import { type ScanToShardsOptions, scanToShards } from './scan-to-shards.ts';
import { walk } from './walk.ts';
import { workOf } from './work.ts';

const limits = {
  'without threads': { alone: 1e9 },
  'in threads': { alone: 0, milliseconds: 0 },
  'in threads, shards of three': { alone: 0, shardRows: 3 },
  'here and in a thread': { alone: 1e-9, beside: 1e9, milliseconds: 0 },
  'here and in a thread, and then in two': { alone: 1e-9, beside: 1e-9, milliseconds: 0 },
};

/** What stands in the shards of a scan, sorted. */
async function scanned(roots: readonly string[], options: Partial<ScanToShardsOptions> = {}): Promise<ListingRow[]> {
  const folder = await scratchFolder();
  const hands = crew(2);
  onTestFinished(() => hands.close());
  const done = await scanToShards(roots, folder, { crew: hands, files: realFiles, limits: { alone: 1e9 }, ...options });
  expect(readdirSync(folder).sort()).toEqual(done.shards.map(({ name }) => name));
  const rows = [...listingRows({ folder, source: 'scan', roots, begunAt: '', endedAt: '', shards: done.shards })];
  expect(done.shards.reduce((sum, shard) => sum + shard.rows, 0)).toBe(rows.length);
  const entries = rows.filter((row) => 'type' in row);
  const { bytes, ...counts } = done.counts;
  expect(bytes).toBe(entries.reduce((sum, one) => sum + one.bytes, 0));
  for (const [type, count] of Object.entries(counts))
    expect(entries.filter((one) => one.type === type).length).toBe(count);
  expect(rows.filter((row) => !('type' in row) && row.kind !== 'empty').length).toBe(done.unseen);
  return rows.sort(inOrder);
}

function inOrder(a: ListingRow, b: ListingRow): number {
  const key = (row: ListingRow) => `${row.disk}\0${row.path}\0${'kind' in row ? row.kind : ''}`;
  return key(a) < key(b) ? -1 : 1;
}

/** The same by the plainest walk that there is. */
function walkedPlainly(roots: readonly string[]): ListingRow[] {
  const rows: ListingRow[] = [];
  const readDirectory = (disk: string, directory: string) => {
    const names = readdirSync(fsPath(joinPath(disk, directory)), 'buffer').map(nameFromBytes);
    if (names.length === 0 && directory !== '') rows.push({ path: directory, disk, kind: 'empty' });
    for (const name of names) {
      const path = joinPath(directory, name);
      const full = fsPath(joinPath(disk, path));
      const entry = entryOf(disk, path, lstatSync(full, { bigint: true }))!;
      rows.push(entry.type === 'link' ? { ...entry, target: nameFromBytes(readlinkSync(full, 'buffer')) } : entry);
      if (entry.type === 'directory') readDirectory(disk, path);
    }
  };
  for (const disk of roots) readDirectory(disk, '');
  return rows.sort(inOrder);
}

const byPath = (all: readonly ListingRow[]) =>
  new Map(all.filter((one) => !('kind' in one && one.kind === 'empty')).map((one) => [one.path, one]));
const isRoot = process.getuid?.() === 0;

test.each(Object.entries(limits))(
  'of any tree on any disks every name is found, once, as it is: %s',
  async (_, limits) => {
    const trees = fc.array(anyTree(['', 'top', 'other'], 16), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(trees, async (all) => {
        const folder = await mkdtemp(join(tmpdir(), 'stowage-test-'));
        const roots = all.map((tree, disk) => {
          mkdirSync(join(folder, String(disk)));
          grow(join(folder, String(disk)), tree);
          return join(folder, String(disk));
        });
        expect(await scanned(roots, { limits })).toEqual(walkedPlainly(roots));
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 25 },
    );
  },
);

test('names come as their bytes, whatever they are', async () => {
  const root = await scratchFolder();
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((bytes) => bytes.filter((byte) => byte !== 0 && byte !== 0x2f))
    .filter((bytes) => bytes.length > 0 && !['.', '..'].includes(Buffer.from(bytes).toString('latin1')));
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 8 }), async (names) => {
      const folder = join(root, 'x');
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      for (const bytes of names) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), bytes]), '');
      const expected = [...new Set(names.map((bytes) => Buffer.from(bytes).toString('hex')))].sort();
      const found = (await scanned([folder])).map(({ path }) => path);
      expect(found.every((path) => !path.includes('/'))).toBe(true);
      const { nameToBytes } = await import('../model/byte-name.ts');
      expect(found.map((path) => nameToBytes(path).toString('hex')).sort()).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test('a name that really holds U+FFFD is not taken for damage, beside one that is not UTF-8', async () => {
  const root = await scratchFolder();
  for (const name of ['\ufffd', '\udcff', 'new\nline', '-rf']) writeFileSync(fsPath(`${root}/${name}`), '');
  mkdirSync(fsPath(`${root}/d\udcff`));
  writeFileSync(fsPath(`${root}/d\udcff/in`), '');
  expect([...byPath(await scanned([root])).keys()].sort()).toEqual(
    ['\ufffd', '\udcff', 'new\nline', '-rf', 'd\udcff', 'd\udcff/in'].sort(),
  );
});

test('types, sizes, modes and times are told exactly', async () => {
  const root = await scratchFolder();
  writeFileSync(join(root, 'file'), 'twelve bytes');
  writeFileSync(join(root, 'huge'), '');
  truncateSync(join(root, 'huge'), 2 ** 31 + 2 ** 33 + 7);
  mkdirSync(join(root, 'folder'));
  symlinkSync('no where/../x', join(root, 'link'));
  symlinkSync(fsPath('\udcff'), join(root, 'odd-link'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  const server = createServer().listen(join(root, 'socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  chmodSync(join(root, 'file'), 0o4751);
  execFileSync('touch', ['-d', '2001-02-03 04:05:06.123456789 UTC', join(root, 'file')]);
  execFileSync('touch', ['-d', '@-1.5', join(root, 'huge')]);
  const found = byPath(await scanned([root]));
  const stats = lstatSync(join(root, 'file'));
  expect(found.get('file')).toEqual({
    path: 'file',
    disk: root,
    type: 'file',
    bytes: 12,
    mode: 0o4751,
    mtimeNs: 981_173_106_123_456_789n,
    uid: stats.uid,
    gid: stats.gid,
  });
  expect(found.get('huge')).toMatchObject({ type: 'file', bytes: 2 ** 31 + 2 ** 33 + 7, mtimeNs: -1_500_000_000n });
  expect(found.get('folder')).toMatchObject({ type: 'directory', bytes: 0 });
  expect(found.get('link')).toMatchObject({ type: 'link', target: 'no where/../x', bytes: 0 });
  expect(found.get('odd-link')).toMatchObject({ type: 'link', target: '\udcff' });
  expect(found.get('pipe')).toMatchObject({ type: 'fifo' });
  expect(found.get('socket')).toMatchObject({ type: 'socket' });
  expect([...found.values()].filter((one) => !('type' in one))).toEqual([]);
});

needing(isRoot).test('devices are told as what they are', async () => {
  const root = await scratchFolder();
  if (spawnSync('mknod', [join(root, 'char'), 'c', '1', '3']).status !== 0) return;
  execFileSync('mknod', [join(root, 'block'), 'b', '7', '0']);
  const found = byPath(await scanned([root]));
  expect(found.get('char')).toMatchObject({ type: 'character-device' });
  expect(found.get('block')).toMatchObject({ type: 'block-device' });
});

test('names of one file share it, others do not', async () => {
  const root = await scratchFolder();
  for (const name of ['a', 'b']) writeFileSync(join(root, name), name);
  linkSync(join(root, 'a'), join(root, 'a2'));
  const found = byPath(await scanned([root])) as Map<string, Entry>;
  expect(found.get('a')?.sharedFile).toBe(found.get('a2')?.sharedFile);
  expect(found.get('a')?.sharedFile).toMatch(/^\d+:\d+$/);
  expect(found.get('b')).not.toHaveProperty('sharedFile');
});

describe('a folder or file that is not for us is told, and the others are found', () => {
  const program = `
    import { mkdirSync } from 'node:fs';
    import { realFiles } from './durable/real-files.js';
    import { scanToShards } from './scan/scan-to-shards.js';
    import { listingRows } from './shards/listing-rows.js';
    const [root, folder] = process.argv.slice(2);
    const { shards } = await scanToShards([root], folder, { crew: { size: 1, warm() {}, isReady: () => false }, files: realFiles, limits: { alone: 1e9 } });
    const found = [...listingRows({ folder, roots: [root], shards })];
    process.stdout.write(JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? String(value) : value)));`;

  test('as an ordinary user', async () => {
    const folder = await scratchFolder();
    const root = join(folder, 'tree');
    mkdirSync(join(root, 'closed/sub'), { recursive: true });
    mkdirSync(join(root, 'no-entry'));
    mkdirSync(join(root, 'open'));
    for (const name of ['closed/x', 'no-entry/x', 'open/x']) writeFileSync(join(root, name), '');
    await plainModules(folder, ['scan', 'shards', 'durable', 'threads', 'model', 'errors.ts', 'quick-stat.ts']);
    mkdirSync(join(folder, 'out'));
    chmodSync(join(folder, 'out'), 0o777);
    writeFileSync(join(folder, 'program.js'), program);
    chmodSync(folder, 0o755);
    chmodSync(join(root, 'closed'), 0o000);
    chmodSync(join(root, 'no-entry'), 0o444);
    onTestFinished(() => {
      for (const name of ['closed', 'no-entry']) chmodSync(join(root, name), 0o755);
    });
    const user = isRoot ? { uid: 65534, gid: 65534 } : {};
    const child = spawnSync(process.execPath, [join(folder, 'program.js'), root, join(folder, 'out')], {
      encoding: 'utf8',
      ...user,
    });
    expect(child.stderr).toBe('');
    const found = byPath(JSON.parse(child.stdout) as (Entry | Unseen)[]);
    expect(found.get('open/x')).toMatchObject({ type: 'file' });
    expect([...found.keys()].filter((path) => path.startsWith('closed/'))).toEqual([]);
    expect(found.get('no-entry/x')).toMatchObject({ kind: 'unreadable', directory: false });
    const unseen = (JSON.parse(child.stdout) as (Entry | Unseen)[]).filter((one) => !('type' in one));
    expect(unseen).toContainEqual({
      path: 'closed',
      disk: root,
      kind: 'unreadable',
      directory: true,
      reason: 'permission denied',
    });
  });

  test('a root that is not there, and one that is a file', async () => {
    const folder = await scratchFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(await scanned([join(folder, 'none')])).toMatchObject([{ path: '', kind: 'vanished', directory: true }]);
    expect(await scanned([join(folder, 'file')])).toMatchObject([{ path: '', kind: 'unreadable', directory: true }]);
  });
});

test('what vanishes while the scan goes on is told as vanished', async () => {
  const root = await scratchFolder();
  writeFileSync(join(root, 'stays'), '');
  const order = { roots: [root], milliseconds: 1e9, bytes: 1 << 20 };
  const names = walk({ ...order, work: workOf('names', 0, '', ['went', 'stays']) });
  const directories = walk({ ...order, work: workOf('directories', 0, '', ['gone/deep', 'gone']) });
  const told = [names, directories].map(({ lines, unseen }) => [Buffer.from(lines).toString().split('\n'), unseen]);
  expect(told).toEqual([
    [['went,0,V,,,,,,,,no such file or directory', expect.stringMatching(/^stays,0,f,0,/), ''], 1],
    [['gone,0,G,,,,,,,,no such file or directory', 'gone/deep,0,G,,,,,,,,no such file or directory', ''], 2],
  ]);
});

test('looked at quickly or not, the lines are the same', async () => {
  const trees = anyTree(['', 'top', 'top/%,"'], 24);
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      const folder = await mkdtemp(join(tmpdir(), 'stowage-test-'));
      for (const root of ['plain', 'd\udcff\n'].map((name) => join(folder, name))) {
        mkdirSync(fsPath(root));
        grow(root, tree);
        const order = { roots: [root], work: workOf('suspects', 0, '', ['']), milliseconds: 1e9, bytes: 1 << 20 };
        const [quick, plain] = [walk(order), walk(order, () => undefined)];
        expect(Buffer.from(quick.lines).toString('latin1')).toBe(Buffer.from(plain.lines).toString('latin1'));
        expect({ ...quick, lines: [] }).toEqual({ ...plain, lines: [] });
      }
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 30 },
  );
});

test('a path longer than any that can be looked at is told, and those beside it are found', async () => {
  const root = await scratchFolder();
  writeFileSync(join(root, 'stays'), '');
  const deep = 'd'.repeat(200).concat(`/${'e'.repeat(200)}`.repeat(60));
  const work = workOf('names', 0, '', [deep, 'stays']);
  const { lines, unseen } = walk({ roots: [root], work, milliseconds: 1e9, bytes: 1024 });
  const told = Buffer.from(lines).toString().split('\n');
  expect([told[0]?.startsWith(`${deep},0,U,`), told[1]?.startsWith('stays,0,f,0,'), unseen]).toEqual([true, true, 1]);
});

describe('several disks', () => {
  test('each entry comes once for each disk that has it', async () => {
    const folder = await scratchFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    for (const disk of [a, b]) mkdirSync(join(disk, 'both'), { recursive: true });
    writeFileSync(join(a, 'both/x'), '1');
    writeFileSync(join(b, 'both/x'), '22');
    writeFileSync(join(b, 'only'), '');
    const found = await scanned([a, b]);
    expect(found.map((one) => [one.disk === a ? 'a' : 'b', one.path])).toEqual([
      ['a', 'both'],
      ['a', 'both/x'],
      ['b', 'both'],
      ['b', 'both/x'],
      ['b', 'only'],
    ]);
  });

  test.each([
    ['absolute', (b: string) => join(b, 'hung'), true],
    ['relative', () => '../b/hung', true],
    ['with a slash at its end', (b: string) => `${join(b, 'hung')}/`, true],
    ['over a detour', () => './../a/../b//hung', true],
    ['to another path of the disk', (b: string) => join(b, 'other'), false],
    ['to what is not there', (b: string) => join(b, 'gone'), false],
    ['to a place that is no disk', () => '../c/hung', false],
  ] as const)('a link that is %s: is it how a disk is hung in?', async (_, target, isHungIn) => {
    const folder = await scratchFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    mkdirSync(a);
    for (const name of ['b/hung', 'b/other', 'c/hung']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(b, 'hung/file'), '');
    symlinkSync(target(b), join(a, 'hung'));
    const found = await scanned([a, b]);
    expect(found.some((one) => one.disk === a && one.path === 'hung')).toBe(!isHungIn);
    expect(found.some((one) => one.disk === b && one.path === 'hung/file')).toBe(true);
  });
});

describe('a folder with very many names', () => {
  test.each([1, 2])('comes whole, in pieces, with %i threads', async (jobs) => {
    const root = await scratchFolder();
    for (let n = 0; n < 40_000; n += 1) writeFileSync(join(root, `n${n}`), '');
    mkdirSync(join(root, 'sub/empty'), { recursive: true });
    const hands = crew(jobs);
    onTestFinished(() => hands.close());
    const states: ScanState[] = [];
    const rows = await scanned([root], {
      crew: hands,
      limits: { alone: 0, milliseconds: 0, shardRows: 10_000 },
      onShard: async (state) => void states.push(state),
    });
    expect(rows.length).toBe(40_003);
    expect(new Set(rows.map((row) => `${row.path} ${'kind' in row}`)).size).toBe(40_003);
    // While its names are still read nobody can say which are left.
    for (const { shards, left } of states) {
      const waiting = left.reduce((sum, work) => sum + (work.kind === 'names' ? work.count : 0), 0);
      expect(shards.reduce((sum, shard) => sum + shard.rows, 0) + waiting).toBeGreaterThanOrEqual(40_000);
    }
  });
});

test('an abort stops it, in threads or not, and what is unfinished goes', async () => {
  const root = await scratchFolder();
  for (let n = 0; n < 5000; n += 1) writeFileSync(join(root, String(n)), '');
  for (const limits of [{ alone: 1e9 }, { alone: 0, milliseconds: 0 }]) {
    const folder = await scratchFolder();
    const hands = crew(2);
    onTestFinished(() => hands.close());
    const abort = new AbortController();
    const options = { crew: hands, files: realFiles, limits, signal: abort.signal, progress: () => abort.abort() };
    // Without threads it may be done before it can hear.
    if (limits.alone > 0) abort.abort();
    await expect(scanToShards([root], folder, options)).rejects.toThrow('abort');
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('names in memory form come from bytes', () => {
  expect(nameFromBytes(Buffer.from([0x61, 0xff]))).toBe('a\udcff');
});
