import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLine, quotedWord, type Step, wordsOf } from './grammar.ts';

const command = (...words: readonly string[]): Step => ({ kind: 'command', words });
const piped = (pipe: string, ...words: readonly string[]): Step => ({ kind: 'command', words, pipe });
const here = (text: string): Step => ({ kind: 'shell', text });

test.each<[string, readonly Step[]]>([
  ['pwd', [command('pwd')]],
  ['  ', []],
  ['# a comment; ls', [command('ls')]],
  ['ls "a;b"', [command('ls', 'a;b')]],
  ["ls 'a b.txt'", [command('ls', 'a b.txt')]],
  ['ls a\\;b a\\ b', [command('ls', 'a;b', 'a b')]],
  ['mkdir a; ls\npwd', [command('mkdir', 'a'), command('ls'), command('pwd')]],
  ['ls | wc -l; pwd', [piped('wc -l', 'ls'), command('pwd')]],
  ["ls 'a | b' | grep '|' | head", [piped("grep '|' | head", 'ls', 'a | b')]],
  ['find2 -select .*(a|b) d', [command('find2', '-select', '.*(a|b)', 'd')]],
  ["!echo 'a;b' | wc; pwd", [here("echo 'a;b' | wc"), command('pwd')]],
  ['ls @x,y%z#w €', [command('ls', '@x,y%z#w', '€')]],
  ['ls \'\' ""', [command('ls', '', '')]],
  ['ls "a\\"b\\\\c\\d"', [command('ls', 'a"b\\c\\d')]],
])('%s', (line, steps) => {
  expect(parseLine(line)).toEqual(steps);
});

test.each(['ls "a', "ls 'a", 'ls a\\', '| cat', 'ls |', 'pwd; | cat', ' | '])('%s is refused', (line) => {
  expect(() => parseLine(line)).toThrow(expect.objectContaining({ code: 'usage', facts: { errno: 64 } }));
});

describe('aliases', () => {
  const aliases = new Map([
    ['l', 'ls -l'],
    ['data', '/alice/data'],
    ['both', 'pwd;whoami'],
  ]);

  test.each<[string, readonly Step[]]>([
    ['l', [command('ls', '-l')]],
    ['l data', [command('ls', '-l', '/alice/data')]],
    ['ls alldata data2', [command('ls', 'alldata', 'data2')]],
    ['ls \'data\' "l" da\\ta', [command('ls', 'data', 'l', 'data')]],
    ['both; l', [command('pwd'), command('whoami'), command('ls', '-l')]],
    ['!l data', [here('l data')]],
  ])('%s', (line, steps) => {
    expect(parseLine(line, aliases)).toEqual(steps);
  });
});

test('a quoted word is read as one again, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }), (words) => {
      expect(parseLine(['ls', ...words.map(quotedWord)].join(' '))).toEqual([command('ls', ...words)]);
      expect(wordsOf(words.map(quotedWord).join(' '))).toEqual(words);
    }),
  );
});
