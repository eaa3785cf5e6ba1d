import { expect, test } from 'vitest';
import { absoluteLfn, baseOfLfn, directoryOfLfn, localPath, needsHome } from './lfn.ts';

const here = { directory: '/alice/data/2026/', home: '/alice/cern.ch/user/j/jane/' };

test.each([
  ['x', '/alice/data/2026/x'],
  ['x/', '/alice/data/2026/x/'],
  ['/a//b/./c', '/a/b/c'],
  ['.', '/alice/data/2026/'],
  ['..', '/alice/data/'],
  ['../../..', '/'],
  ['../../../../..', '/'],
  ['./x/../y', '/alice/data/2026/y'],
  ['~', '/alice/cern.ch/user/j/jane'],
  ['~/x', '/alice/cern.ch/user/j/jane/x'],
  ['%ALIEN/x', '/alice/cern.ch/user/j/jane/x'],
  ['alien:///a/b', '/a/b'],
  ['alien:x', '/alice/data/2026/x'],
  ['~x', '/alice/data/2026/~x'],
  ['a b@c,d%e', '/alice/data/2026/a b@c,d%e'],
])('%s is %s', (text, lfn) => {
  expect(absoluteLfn(text, here)).toBe(lfn);
});

test('parts of names', () => {
  expect(baseOfLfn('/a/b/')).toBe('b');
  expect(directoryOfLfn('/a/b/')).toBe('/a/');
  expect(directoryOfLfn('/a')).toBe('/');
  expect(localPath('file:///tmp/x')).toBe('/tmp/x');
  expect(localPath('file:x')).toBe('x');
  expect(['~', '%ALIEN/x', 'alien:~/x', 'x~', '/~'].map(needsHome)).toEqual([true, true, true, false, false]);
});
