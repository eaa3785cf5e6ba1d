import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWithin } from '../model/relative-path.ts';
import { directoryNameOf, directoryOfArchive } from './archive-directory.ts';

test.each([
  ['batch.tar', ['batch/a', 'batch/sub/b'], 'name', '', ['batch']],
  ['d1/data_d1_batch.tar', ['d1/batch/a'], 'name', 'd1', ['d1/batch']],
  ['foo/foo_bar.tar', ['foo/bar/only/here/a'], 'name', 'foo', ['foo/bar']],
  // A prefix of any number of the directories above: the original strips all, or all but the first, and loses these.
  ['a/b/c/c_x.tar', ['a/b/c/x/1'], 'name', 'a/b/c', ['a/b/c/x']],
  ['a/b/c/157_c_astrom.tar', ['a/b/c/astrom/1'], 'name', 'a/b/c', ['a/b/c/astrom']],
  ['d/x_y.tar', ['d/x_y/1'], 'name', 'd', ['d/x_y']],
  ['d/x_y.tar', ['d/y/1'], 'name', 'd', ['d/y']],
  ['d/d_x.tar', ['d/d_x/1'], 'name', 'd', ['d/d_x']],
  ['d/v1_2.tar', ['d/v1/2/a', 'd/v1/2/b'], 'name', 'd', ['d/v1/2']],
  [
    'foo/foo_1XX.tar',
    ['foo/101/a', 'foo/100/a', 'foo/1ab/x/y'],
    'placeholders',
    'foo',
    ['foo/100', 'foo/101', 'foo/1ab'],
  ],
  ['foo/1XX.tar', ['foo/1\u{1f4be}\udcff/a'], 'placeholders', 'foo', ['foo/1\u{1f4be}\udcff']],
  ['foo/foo_1XX.tar', ['foo/1XX/a'], 'name', 'foo', ['foo/1XX']],
  // Nothing but an X stands for another character.
  ['foo/a.(XX.tar', ['foo/a.(01/a', 'foo/a.(02/a'], 'placeholders', 'foo', ['foo/a.(01', 'foo/a.(02']],
  ['foo/a.XX.tar', ['foo/ab01/a', 'foo/ab02/a'], 'members', 'foo', ['foo']],
  ['foo/1X0.tar', ['foo/100/a', 'foo/110/a'], 'members', 'foo', ['foo']],
  ['foo/foo_1XX.tar', ['foo/100/a', 'foo/200/a'], 'members', 'foo', ['foo']],
  ['foo/foo_1XX.tar', ['foo/100/a', 'foo/readme'], 'members', 'foo', ['foo']],
  ['foo/foo_bar.tar', ['foo/bar/a', 'foo/baz/a'], 'members', 'foo', ['foo']],
  [
    'apo/ecam/55555_ecam.tar',
    ['apo/ecam/55555/a/b', 'apo/ecam/55555/a/c'],
    'members',
    'apo/ecam/55555/a',
    ['apo/ecam/55555/a'],
  ],
  ['elsewhere/batch.tar', ['d1/batch/a', 'd1/batch/b'], 'members', 'd1/batch', ['d1/batch']],
  ['all.tar', ['a', 'b/c'], 'members', '', ['']],
  ['d1/templates/templates_files.tar', ['d1/templates/a', 'd1/templates/deep/b'], 'files', 'd1/templates', []],
  ['top_files.tar', ['a.md', 'b.md'], 'files', '', []],
  ['elsewhere/x_files.tar', ['d/a', 'd/b'], 'files', 'd', []],
  ['d1/README.txt', ['d1/README.txt'], 'plain', 'd1', []],
  ['d1/batch.TAR', ['d1/batch/a'], 'plain', 'd1/batch', []],
] as const)('%s of %j', (archive, members, by, base, directories) => {
  expect(directoryOfArchive(archive, members)).toEqual({ base, directories, by });
});

test('the directories hold all members, are above one each, and lie in the base', () => {
  const part = fc.constantFrom('a', 'b', 'a_b', '100', '101', '1XX', 'X', '.(', 'files');
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const archive = fc
    .tuple(path, fc.array(part, { maxLength: 3 }))
    .map(([own, rest]) => `${[own, ...rest].join('_')}.tar`);
  fc.assert(
    fc.property(archive, fc.array(path, { minLength: 1, maxLength: 5 }), (name, members) => {
      const { base, directories, by } = directoryOfArchive(name, members);
      expect(members.every((one) => isWithin(one, base) && one !== base)).toBe(true);
      for (const one of directories)
        expect(isWithin(one, base) && members.some((path) => isWithin(path, one))).toBe(true);
      if (by !== 'files') expect(members.every((path) => directories.some((one) => isWithin(path, one)))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['data_d1_batch.tar', 'data_d1_batch'],
  ['.tar', '.tar'],
  ['d/.tar', '.tar'],
])('by its name alone %s is %s', (archive, name) => {
  expect(directoryNameOf(archive)).toBe(name);
});
