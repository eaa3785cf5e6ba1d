import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoted } from '../test-system.ts';
import { parseLine } from './command-line.ts';
import { isWild, matchesName } from './wildcard.ts';

const texts = (line: string) => parseLine(line)?.map(({ words }) => words.map(({ text }) => text));

test.each([
  ['put A : B', [['put', 'A', ':', 'B']]],
  [
    'cd DIR; put x',
    [
      ['cd', 'DIR'],
      ['put', 'x'],
    ],
  ],
  [' ;; pwd ; ', [['pwd']]],
  ["rm 'a b;c'", [['rm', 'a b;c']]],
  ['rm "a \\" \\\\ \\n"', [['rm', 'a " \\ \\n']]],
  ['rm a\\ b\\;c', [['rm', 'a b;c']]],
  [`rm 'it'"'"'s'`, [['rm', "it's"]]],
  ["rm ''", [['rm', '']]],
  ['# a remark; rm x', []],
  ['pwd # x', [['pwd', '#', 'x']]],
  ['pwd; # x; y', [['pwd']]],
  ['rm a#b', [['rm', 'a#b']]],
  ["rm 'a", undefined],
  ['rm "a', undefined],
  ['rm a\\', undefined],
])('1: %s', (line, expected) => {
  expect(texts(line)).toEqual(expected);
});

test('1: a colon divides only alone and unquoted', () => {
  const colons = (line: string) => parseLine(line)![0]!.words.map(({ isColon }) => isColon);
  expect(colons('put a : b')).toEqual([false, false, true, false]);
  expect(colons('put a:b')).toEqual([false, false]);
  expect(colons("put a ':' b")).toEqual([false, false, false, false]);
  expect(colons('put a \\: b')).toEqual([false, false, false, false]);
});

test('1: a list of paths follows behind <<MARKER', () => {
  expect(parseLine('get <<END')).toMatchObject([{ marker: 'END', words: [{ text: 'get' }] }]);
  expect(parseLine('get << END')).toMatchObject([{ marker: 'END', words: [{ text: 'get' }] }]);
});

test('any name survives quotes, and is no wildcard in them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const [command] = parseLine(`rm ${quoted(name)}`) ?? [];
      expect(command?.words[1]?.text).toBe(name);
      expect(isWild(command!.words[1]!.pattern)).toBe(false);
    }),
  );
});

test.each([
  ['*.tar', 'a.tar', true],
  ['*.tar', 'a.tar.idx', false],
  ['?', 'é', true],
  ['[a-c]x', 'bx', true],
  ['[!a]x', 'ax', false],
  ['[^a]x', 'bx', true],
  ['{a,b}.txt', 'b.txt', true],
  ['a.c', 'abc', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['[', '[', true],
])('1: wildcard %s on %s', (pattern, name, expected) => {
  expect(matchesName(pattern, name)).toBe(expected);
});
