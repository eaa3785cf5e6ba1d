import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry, EntryType, Unseen } from '../model/entry.ts';
import { collectListing } from './listing.ts';

function entry(path: string, type: EntryType = 'file', disk = '/a'): Entry {
  return { path, disk, type, bytes: 0, mtimeNs: 0n, mode: 0o644, uid: 0, gid: 0 };
}

function unseen(path: string, directory: boolean, kind: Unseen['kind'] = 'unreadable'): Unseen {
  return { path, disk: '/a', kind, directory, reason: 'permission denied' };
}

function listing(all: readonly (Entry | Unseen)[]) {
  return collectListing(all, ['/a', '/b', '/c']);
}

test.each([
  ['nothing', [], [], [], []],
  ['files and folders', [entry('b'), entry('d', 'directory'), entry('d/a')], ['b', 'd/a'], [], []],
  ['an empty folder', [entry('d', 'directory'), entry('d/e', 'directory')], [], ['d/e'], []],
  ['a folder with only a link', [entry('d', 'directory'), entry('d/l', 'link')], ['d/l'], [], []],
  [
    'empty here, not there',
    [entry('d', 'directory'), entry('d', 'directory', '/b'), entry('d/x', 'file', '/b')],
    ['d/x'],
    [],
    [],
  ],
  ['a file on two disks', [entry('x'), entry('x', 'file', '/b')], [], [], ['x']],
  ['on three', [entry('x'), entry('x', 'file', '/b'), entry('x', 'link', '/c')], [], [], ['x']],
  [
    'a file here, a folder there',
    [entry('x'), entry('x', 'directory', '/b'), entry('x/y', 'file', '/b')],
    ['x/y'],
    [],
    ['x'],
  ],
  ['a folder here, a file there', [entry('x', 'directory'), entry('x', 'file', '/b')], [], ['x'], ['x']],
  ['a folder that could not be read is not empty', [entry('d', 'directory'), unseen('d', true)], [], [], []],
  ['a folder with something that vanished', [entry('d', 'directory'), unseen('d/x', false, 'vanished')], [], [], []],
] as const)('%s', (_, all, entries, empty, several) => {
  const found = listing(all);
  expect(found.entries.map(({ path }) => path)).toEqual(entries);
  expect(found.emptyDirectories).toEqual(empty);
  expect([...found.onSeveralDisks.keys()]).toEqual(several);
});

test('what stands on several disks is told with each of them, in the order of the disks', () => {
  const { onSeveralDisks } = listing([entry('x', 'file', '/c'), entry('x'), entry('x', 'file', '/b')]);
  expect(onSeveralDisks.get('x')?.map(({ disk }) => disk)).toEqual(['/a', '/b', '/c']);
});

test('no order of entries changes the listing, and nothing is left out', () => {
  const name = fc.constantFrom('a', 'b', 'a/b', 'a/c', 'b/c', 'a/b/c');
  const one = fc.oneof(
    fc
      .record({
        path: name,
        type: fc.constantFrom<EntryType>('file', 'link', 'directory'),
        disk: fc.constantFrom('/a', '/b'),
      })
      .map(({ path, type, disk }) => entry(path, type, disk)),
    fc.record({ path: name, directory: fc.boolean() }).map(({ path, directory }) => unseen(path, directory)),
  );
  const unique = fc.uniqueArray(one, {
    maxLength: 10,
    selector: (thing) => `${thing.disk} ${thing.path} ${'type' in thing}`,
  });
  const shuffled = unique.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      const [first, second] = [listing(all), listing(other)];
      expect(second.entries.map(({ path }) => path)).toEqual(first.entries.map(({ path }) => path));
      expect(second.emptyDirectories).toEqual(first.emptyDirectories);
      expect([...second.onSeveralDisks.keys()].sort()).toEqual([...first.onSeveralDisks.keys()].sort());
      expect([...second.directories.keys()].sort()).toEqual([...first.directories.keys()].sort());
      const told = new Set([
        ...first.entries.map(({ path }) => path),
        ...first.directories.keys(),
        ...first.onSeveralDisks.keys(),
        ...first.unseen.map(({ path }) => path),
      ]);
      for (const { path } of all) expect(told).toContain(path);
    }),
  );
});
