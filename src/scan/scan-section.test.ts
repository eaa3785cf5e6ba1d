import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import { plainModules } from '../../test/plain-modules.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { Entry, Unseen } from '../model/entry.ts';
import { scanSection } from './scan-section.ts';

async function scanned(...roots: readonly string[]): Promise<(Entry | Unseen)[]> {
  const all: (Entry | Unseen)[] = [];
  for await (const batch of scanSection(roots)) all.push(...batch);
  return all;
}

const byPath = (all: readonly (Entry | Unseen)[]) => new Map(all.map((one) => [one.path, one]));
const isRoot = process.getuid?.() === 0;

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
      const found = (await scanned(folder)).map(({ path }) => path);
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
  expect([...byPath(await scanned(root)).keys()].sort()).toEqual(
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
  const found = byPath(await scanned(root));
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
  const found = byPath(await scanned(root));
  expect(found.get('char')).toMatchObject({ type: 'character-device' });
  expect(found.get('block')).toMatchObject({ type: 'block-device' });
});

test('names of one file share it, others do not', async () => {
  const root = await scratchFolder();
  for (const name of ['a', 'b']) writeFileSync(join(root, name), name);
  linkSync(join(root, 'a'), join(root, 'a2'));
  const found = byPath(await scanned(root)) as Map<string, Entry>;
  expect(found.get('a')?.sharedFile).toBe(found.get('a2')?.sharedFile);
  expect(found.get('a')?.sharedFile).toMatch(/^\d+:\d+$/);
  expect(found.get('b')).not.toHaveProperty('sharedFile');
});

describe('a folder or file that is not for us is told, and the others are found', () => {
  const program = `
    import { scanSection } from './scan/scan-section.js';
    const found = [];
    for await (const batch of scanSection([process.argv[2]])) found.push(...batch);
    process.stdout.write(JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? String(value) : value)));`;

  test('as an ordinary user', async () => {
    const folder = await scratchFolder();
    const root = join(folder, 'tree');
    mkdirSync(join(root, 'closed/sub'), { recursive: true });
    mkdirSync(join(root, 'no-entry'));
    mkdirSync(join(root, 'open'));
    for (const name of ['closed/x', 'no-entry/x', 'open/x']) writeFileSync(join(root, name), '');
    await plainModules(folder, ['scan/scan-section.ts', 'model', 'errors.ts']);
    writeFileSync(join(folder, 'program.js'), program);
    chmodSync(folder, 0o755);
    chmodSync(join(root, 'closed'), 0o000);
    chmodSync(join(root, 'no-entry'), 0o444);
    onTestFinished(() => {
      for (const name of ['closed', 'no-entry']) chmodSync(join(root, name), 0o755);
    });
    const user = isRoot ? { uid: 65534, gid: 65534 } : {};
    const child = spawnSync(process.execPath, [join(folder, 'program.js'), root], { encoding: 'utf8', ...user });
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
    expect(await scanned(join(folder, 'none'))).toMatchObject([{ path: '', kind: 'vanished', directory: true }]);
    expect(await scanned(join(folder, 'file'))).toMatchObject([{ path: '', kind: 'unreadable', directory: true }]);
  });
});

test('what vanishes while the scan goes on is told as vanished', async () => {
  const root = await scratchFolder();
  for (let n = 0; n < 2500; n += 1) writeFileSync(join(root, String(n).padStart(4, '0')), '');
  mkdirSync(join(root, 'zz'));
  writeFileSync(join(root, 'zz/in'), '');
  const all: (Entry | Unseen)[] = [];
  for await (const batch of scanSection([root])) {
    if (all.length === 0) {
      unlinkSync(join(root, '2400'));
      rmSync(join(root, 'zz'), { recursive: true });
    }
    all.push(...batch);
  }
  const unseen = all.filter((one): one is Unseen => !('type' in one));
  expect(unseen.map(({ path, kind }) => [path, kind])).toEqual([
    ['2400', 'vanished'],
    ['zz', 'vanished'],
  ]);
});

describe('several disks', () => {
  test('each entry comes once for each disk that has it', async () => {
    const folder = await scratchFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    for (const disk of [a, b]) mkdirSync(join(disk, 'both'), { recursive: true });
    writeFileSync(join(a, 'both/x'), '1');
    writeFileSync(join(b, 'both/x'), '22');
    writeFileSync(join(b, 'only'), '');
    const found = await scanned(a, b);
    expect(found.map((one) => [one.disk === a ? 'a' : 'b', one.path])).toEqual([
      ['a', 'both'],
      ['a', 'both/x'],
      ['b', 'both'],
      ['b', 'only'],
      ['b', 'both/x'],
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
    const found = await scanned(a, b);
    expect(found.some((one) => one.disk === a && one.path === 'hung')).toBe(!isHungIn);
    expect(found.some((one) => one.disk === b && one.path === 'hung/file')).toBe(true);
  });
});

test('20,000 files in one folder come all, in batches, in the order of their names, and an abort stops', async () => {
  const root = await scratchFolder();
  for (let n = 0; n < 20_000; n += 1) writeFileSync(join(root, String(n).padStart(5, '0')), '');
  let batches = 0;
  const paths: string[] = [];
  for await (const batch of scanSection([root])) {
    batches += 1;
    paths.push(...batch.map(({ path }) => path));
  }
  expect(paths).toEqual(Array.from({ length: 20_000 }, (_, n) => String(n).padStart(5, '0')));
  expect(batches).toBeGreaterThan(5);
  const abort = new AbortController();
  const stopped = (async () => {
    for await (const _ of scanSection([root], { signal: abort.signal })) abort.abort();
  })();
  await expect(stopped).rejects.toThrow();
});

test('names in memory form come from bytes', () => {
  expect(nameFromBytes(Buffer.from([0x61, 0xff]))).toBe('a\udcff');
});
