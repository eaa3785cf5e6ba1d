import { expect, test } from 'vitest';
import type { Entry } from '../model/entry.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import { storeKey } from '../model/store-key.ts';
import { homesOfEmptyDirectories, rootOf } from './empty-directories.ts';
import { nameConflicts } from './name-conflicts.ts';
import type { ArchivePlan } from './plan-archive.ts';

function plan(
  name: string,
  paths: readonly string[],
  decision: ArchivePlan['decision'] = 'make',
  held: readonly string[] = [],
): ArchivePlan {
  const facts = { type: 'file', bytes: 0, mtimeNs: 0n, mode: 0, uid: 0, gid: 0 } as const;
  const key = storeKey(`data/${name}`);
  const entries = paths.map((path): Entry => ({ path, disk: '/a', ...facts }));
  const members = held.map((path): Member => ({ path, ...facts }));
  const manifest = { members } as unknown as Manifest;
  return {
    key,
    name,
    format: 'tar',
    decision,
    reasons: [],
    entries,
    carried: [],
    bytes: 0,
    held: manifest,
    findings: [],
  };
}

test.each([
  ['no archive', [], ['e'], {}],
  ['one that encloses it', [plan('x.tar', ['d/a', 'd/b'])], ['d/e'], { 'd/e': 'x.tar' }],
  ['one beside it', [plan('x.tar', ['d/a', 'd/b'])], ['e'], {}],
  [
    'the deepest of nested ones',
    [plan('top.tar', ['a', 'd/x']), plan('d.tar', ['d/a', 'd/s/b']), plan('s.tar', ['d/s/1', 'd/s/2'])],
    ['d/s/e', 'd/e', 'e'],
    { 'd/s/e': 's.tar', 'd/e': 'd.tar', e: 'top.tar' },
  ],
  [
    'of two with one root the first by name',
    [plan('z.tar', ['d/a', 'd/b']), plan('c.tar', ['d/c', 'd/d'])],
    ['d/e'],
    { 'd/e': 'c.tar' },
  ],
  ['a name is not a folder of another', [plan('x.tar', ['d/a', 'd/b'])], ['d2/e'], {}],
  ['a plain archive takes none', [plan('plain', ['d/a'])], ['d/e'], {}],
  ['one with nothing in it takes none', [plan('x.tar', [])], ['e'], {}],
  ['a kept one by what it holds', [plan('x.tar', ['d/s/a'], 'keep', ['d/a', 'd/s/a'])], ['d/e'], { 'd/e': 'x.tar' }],
  ['a folder in an empty folder', [plan('x.tar', ['d/a'])], ['d/e/f/g'], { 'd/e/f/g': 'x.tar' }],
] as const)('%s', (_, plans, directories, homes) => {
  const archives = plans.map((one) => ({ name: one.name, root: rootOf(one) }));
  const found = homesOfEmptyDirectories(directories, archives);
  expect(Object.fromEntries([...found].map(([path, home]) => [path, home.name]))).toEqual(homes);
  const turned = homesOfEmptyDirectories([...directories].reverse(), [...archives].reverse());
  expect(new Map([...turned].sort())).toEqual(new Map([...found].sort()));
});

test.each([
  [['a', 'b', 'a.tar'], {}],
  [['a', 'a/b.tar'], { a: 'a/b.tar', 'a/b.tar': 'a' }],
  [['a.tar', 'a.tar/b/c.tar', 'x'], { 'a.tar': 'a.tar/b/c.tar', 'a.tar/b/c.tar': 'a.tar' }],
  [['ab', 'a/b'], {}],
])('names %j: which cannot both be', (names, conflicts) => {
  expect(Object.fromEntries(nameConflicts(names))).toEqual(conflicts);
  expect(Object.fromEntries(nameConflicts([...names].reverse()))).toEqual(conflicts);
});
