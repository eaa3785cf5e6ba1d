import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import type { FileOperations } from '../durable/file-operations.ts';
import { realFiles } from '../durable/real-files.ts';
import { fsPath } from '../model/byte-name.ts';
import { storeKey } from '../model/store-key.ts';
import { storeContract } from '../store/contract.ts';
import type { Store, Versions } from '../store/store.ts';
import { directoryStore } from './directory.ts';

/** A file system without hard links. */
const noLinks: FileOperations = {
  ...realFiles,
  async link() {
    throw Object.assign(new Error('EPERM: no hard links here'), { code: 'EPERM' });
  },
};

/** A disk on which nothing can be renamed or linked to another: whoever publishes within a folder tree of one disk never needs to. */
const strict: FileOperations = {
  ...realFiles,
  async link(from, to) {
    sameDisk(from, to);
    return realFiles.link(from, to);
  },
  async rename(from, to) {
    sameDisk(from, to);
    return realFiles.rename(from, to);
  },
};

function sameDisk(from: string, to: string): void {
  if (from.split('/vault/')[0] !== to.split('/vault/')[0] || !from.includes('/vault/')) {
    throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' });
  }
}

describe.each([
  ['a directory', realFiles],
  ['a directory without hard links', noLinks],
  ['a directory that is a disk of its own', strict],
])('%s keeps the contract', (_, files) => {
  test.each(storeContract.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const root = join(await scratchFolder(), 'vault');
    mkdirSync(root);
    const open = () => directoryStore(root, files);
    await one.run({ store: open(), reopen: async () => open(), prefix: 'scratch/' });
    expect(waiting(root), 'something is left over').toEqual([]);
  });
});

async function fresh(files?: FileOperations): Promise<{ root: string; store: Store }> {
  const root = join(await scratchFolder(), 'vault');
  mkdirSync(root);
  return { root, store: directoryStore(root, files) };
}

/** What lies in the waiting folder, folders too. */
function waiting(root: string): readonly string[] {
  try {
    return readdirSync(join(root, '.stowage/tmp'), { recursive: true }) as string[];
  } catch {
    return [];
  }
}

async function put(store: Store, name: string, content: string, replaces: Versions = new Map()) {
  const written = await store.write(storeKey(name), [Buffer.from(content)]);
  for await (const one of store.publish([written], { replaces })) return one.object;
  throw new Error('nothing was published');
}

async function keys(store: Store, prefix = ''): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const one of store.list(prefix)) found.push(one.key);
  return found.sort();
}

async function read(store: Store, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of await store.get(storeKey(name))) parts.push(part);
  return Buffer.concat(parts).toString();
}

function gone(root: string): string {
  rmSync(root, { recursive: true });
  return root;
}

const unavailable = expect.objectContaining({ code: 'unavailable' });

describe('a store that is not there is an error, never empty', () => {
  test.each([
    ['missing', (root: string) => void gone(root)],
    ['a file', (root: string) => writeFileSync(gone(root), 'x')],
    ['a link that leads nowhere', (root: string) => symlinkSync('gone', gone(root))],
  ])('%s', async (_, harm) => {
    const { root, store } = await fresh();
    harm(root);
    await expect(keys(store)).rejects.toEqual(unavailable);
    await expect(keys(store, 'data/')).rejects.toEqual(unavailable);
    await expect(store.stat(storeKey('data/a'))).rejects.toEqual(unavailable);
    await expect(put(store, 'data/a', 'x')).rejects.toEqual(unavailable);
    await expect(store.get(storeKey('data/a'))).rejects.toEqual(unavailable);
    await expect(store.debris()[Symbol.asyncIterator]().next()).rejects.toEqual(unavailable);
  });
});

test('a root that is a link to a directory is that directory', async () => {
  const { root } = await fresh();
  symlinkSync(root, `${root}-link`);
  const store = directoryStore(`${root}-link`);
  await put(store, 'data/a', 'x');
  expect(await keys(store)).toEqual(['data/a']);
});

describe('a link in the store', () => {
  test.each([
    ['to a folder', 'data', 'target', ['', 'data/', 'data/a']],
    ['that leads nowhere, where a folder was', 'data', 'not-mounted', ['', 'data/', 'data/sub/']],
    ['to a folder, deeper', 'data/sub', '../target', ['', 'data/', 'data/sub/', 'data/sub/x']],
    ['that leads nowhere', 'data/a.tar', 'gone', ['', 'data/']],
  ])('%s is an error when it is listed', async (_, link, target, prefixes) => {
    const { root, store } = await fresh();
    mkdirSync(join(root, 'target'));
    writeFileSync(join(root, 'target/a.tar'), 'behind the link');
    mkdirSync(dirname(join(root, link)), { recursive: true });
    symlinkSync(target, join(root, link));
    for (const prefix of prefixes) await expect(keys(store, prefix), `'${prefix}'`).rejects.toEqual(unavailable);
    expect(await keys(store, 'other/')).toEqual([]);
  });

  test('to a file is that file', async () => {
    const { root, store } = await fresh();
    await put(store, 'data/a', 'content');
    symlinkSync('a', join(root, 'data/b'));
    expect(await keys(store)).toEqual(['data/a', 'data/b']);
    expect(await read(store, 'data/b')).toBe('content');
  });
});

test.each([
  ['bytes that are not UTF-8', 'data/\udcff\udc80/x\udcfe.tar'],
  ['U+FFFD itself', 'data/\ufffd.tar'],
  ['a newline', 'data/a\nb.tar'],
  ['a name of 255 bytes', `data/${'a'.repeat(255)}`],
  ['many names of 200 and more', `data/${'ü'.repeat(120)}/${'日'.repeat(80)}/${'x'.repeat(240)}.tar`],
])('a key with %s goes in and comes out', async (_, name) => {
  const { root, store } = await fresh();
  const written = await store.write(storeKey(name), [Buffer.from('content')]);
  const debris: string[] = [];
  for await (const one of directoryStore(root).debris()) debris.push(one.key);
  expect(debris).toEqual([name]);
  for await (const one of store.publish([written])) expect(one.key).toBe(name);
  expect(await keys(directoryStore(root))).toEqual([name]);
  expect(await read(store, name)).toBe('content');
  expect(readFileSync(fsPath(join(root, name)), 'utf8')).toBe('content');
  expect(waiting(root), 'something is left over').toEqual([]);
});

test('a name that is too long for the disk is told, and nothing is left under any name', async () => {
  const { root, store } = await fresh();
  const name = `data/${'a'.repeat(256)}`;
  await expect(put(store, name, 'x')).rejects.toEqual(unavailable);
  await expect(store.stat(storeKey(name))).rejects.toEqual(unavailable);
  expect(await keys(directoryStore(root))).toEqual([]);
});

test('what others put into the waiting folder is neither debris nor removed nor listed', async () => {
  const { root, store } = await fresh();
  mkdirSync(join(root, '.stowage/tmp/sub'), { recursive: true });
  for (const name of [
    'notes.txt',
    'sub/x',
    '0123456789abcdef.%zz',
    '0123456789abcdef.%2Fetc',
    '0123456789abcdef.%2E%2E%2Fx',
  ])
    writeFileSync(join(root, '.stowage/tmp', name), 'foreign');
  const before = waiting(root);
  for await (const one of store.debris()) throw new Error(`'${one.key}' is no debris of ours`);
  await put(store, 'data/a', 'x');
  expect(await keys(store)).toEqual(['data/a']);
  expect(waiting(root)).toEqual(before);
});

test('discarding one leftover leaves those of other keys', async () => {
  const { root, store } = await fresh();
  const mine = await store.write(storeKey('data/mine'), [Buffer.from('m')]);
  await store.write(storeKey('other/theirs'), [Buffer.from('t')]);
  await store.discard(mine);
  const left: string[] = [];
  for await (const one of directoryStore(root).debris()) left.push(one.key);
  expect(left).toEqual(['other/theirs']);
});

test('replaced content is seen at once, with another version; the same content rewritten has another too', async () => {
  const { root, store } = await fresh();
  const first = await put(store, 'data/a', 'one');
  const second = await put(store, 'data/a', 'two', new Map([[storeKey('data/a'), first.version]]));
  expect(await read(directoryStore(root), 'data/a')).toBe('two');
  expect(second.version).not.toBe(first.version);
  writeFileSync(join(root, 'data/a'), 'six');
  utimesSync(join(root, 'data/a'), 1, 1);
  expect((await store.stat(storeKey('data/a')))?.version).not.toBe(second.version);
});

test.each([
  ['with hard links', realFiles],
  ['without', noLinks],
])('of two who publish one new name exactly one wins, %s', async (_, files) => {
  for (let round = 0; round < 30; round += 1) {
    const { root, store } = await fresh(files);
    const other = directoryStore(root, files);
    const key = storeKey('data/a');
    const [one, two] = [await store.write(key, [Buffer.from('one')]), await other.write(key, [Buffer.from('two')])];
    const publish = async (by: Store, written: typeof one) => {
      for await (const _done of by.publish([written])) return written === one ? 'one' : 'two';
      return undefined;
    };
    const results = await Promise.allSettled([publish(store, one), publish(other, two)]);
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect([won.length, lost]).toEqual([1, ['exists']]);
    expect(await read(store, 'data/a')).toBe(won[0]);
  }
});

test('two keys of which one is a folder of the other: the second is refused, the first stays', async () => {
  const { store } = await fresh();
  await put(store, 'data/a', 'file');
  await expect(put(store, 'data/a/b.tar', 'x')).rejects.toMatchObject({
    code: expect.stringMatching(/exists|unavailable/),
  });
  await put(store, 'data/d/x', 'file');
  await expect(put(store, 'data/d', 'x')).rejects.toMatchObject({
    code: expect.stringMatching(/exists|changed|unavailable/),
  });
  expect(await keys(store)).toEqual(['data/a', 'data/d/x']);
});

test('an index comes from the headers of a tar; what is no tar is corrupt, what is not there is missing', async () => {
  const { root, store } = await fresh();
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'file'), 'content');
  execFileSync('tar', ['-C', root, '-cf', join(root, 'data/a.tar'), 'file']);
  const paths: string[] = [];
  for await (const item of store.index!(storeKey('data/a.tar')))
    paths.push(item.kind === 'member' ? item.member.path : '');
  expect(paths).toEqual(['file']);
  const first = (name: string) => store.index!(storeKey(name))[Symbol.asyncIterator]().next();
  await expect(first('file')).rejects.toMatchObject({ code: 'corrupt' });
  await expect(first('data/none')).rejects.toMatchObject({ code: 'missing' });
});
