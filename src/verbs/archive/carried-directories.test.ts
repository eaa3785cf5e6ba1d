import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fsPath } from '../../model/byte-name.ts';
import type { Manifest, Member } from '../../model/manifest.ts';
import { directoryItems } from './carried-directories.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-directories-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Disks with these directories, each with its mode. */
function disk(name: string, directories: Readonly<Record<string, number>>): string {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  for (const path of Object.keys(directories)) mkdirSync(fsPath(`${root}/${path}`), { recursive: true });
  for (const [path, mode] of Object.entries(directories)) chmodSync(fsPath(`${root}/${path}`), mode);
  return root;
}

const one = disk('one', { a: 0o701, 'a/b': 0o711, 'a/empty': 0o700, 'a/b/\udcff': 0o755 });
const two = disk('two', { a: 0o702, 'a/b': 0o722, 'a/c': 0o733 });
writeFileSync(join(one, 'a/file'), '');
symlinkSync('b', join(one, 'a/link'));

function gone(path: string, mode: number): Member {
  return { path, type: 'directory', bytes: 0, mtimeNs: 5n, mode, uid: 1, gid: 2 };
}

function modes(
  members: readonly { path: string; disk?: string }[],
  options: { emptyDirectories?: readonly string[]; held?: readonly Member[] } = {},
) {
  const held = options.held === undefined ? {} : { held: { members: options.held } as unknown as Manifest };
  const places = { roots: [one, two], emptyDirectories: options.emptyDirectories ?? [], ...held };
  return Object.fromEntries(
    directoryItems(members, places).map(({ member }) => [member.path, member.mode.toString(8)]),
  );
}

test.each([
  ['each on the disk of its member', [{ path: 'a/b/x', disk: one }], {}, { 'a/b': '711' }],
  ['another disk', [{ path: 'a/b/x', disk: two }], {}, { 'a/b': '722' }],
  [
    'the first member below says the disk',
    [
      { path: 'a/b/x', disk: two },
      { path: 'a/b/y', disk: one },
      { path: 'a/z', disk: one },
    ],
    {},
    { a: '702', 'a/b': '722' },
  ],
  ['a member without a disk says none', [{ path: 'a/b/x' }, { path: 'a/b/y', disk: two }], {}, { 'a/b': '722' }],
  ['carried members: the first root that has it', [{ path: 'a/c/x' }], {}, { 'a/c': '733' }],
  ['gone from its disk: another root', [{ path: 'a/c/x', disk: one }], {}, { 'a/c': '733' }],
  [
    'gone from all: as it was held',
    [{ path: 'a/gone/x' }, { path: 'a/y', disk: one }],
    { held: [gone('a/gone', 0o750), gone('a', 0o777)] },
    { a: '701', 'a/gone': '750' },
  ],
  ['gone and not held: left out', [{ path: 'a/gone/x' }, { path: 'a/y', disk: one }], {}, { a: '701' }],
  [
    'what is no directory any more does not count',
    [
      { path: 'a/file/x', disk: one },
      { path: 'a/link/x', disk: one },
    ],
    { held: [gone('a/file', 0o751)] },
    { a: '701', 'a/file': '751' },
  ],
  [
    'empty ones below the root go along, with those above them',
    [{ path: 'a/x', disk: two }],
    { emptyDirectories: ['a/empty', 'a/b/\udcff', 'other'] },
    { a: '702', 'a/b': '711', 'a/b/\udcff': '755', 'a/empty': '700' },
  ],
  ['members at the top have none above', [{ path: 'x', disk: one }], {}, {}],
] as const)('%s', (_, members, options, expected) => {
  expect(modes(members, options)).toEqual(expected);
});
