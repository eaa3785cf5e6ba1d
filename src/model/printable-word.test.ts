import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { nameFromBytes } from './byte-name.ts';
import { printableWord } from './printable-word.ts';

test.each([
  ['raw/a-1.fits', 'raw/a-1.fits'],
  ['', "''"],
  ['two words', "'two words'"],
  ["it's $HOME `x` \\", "'it'\\''s $HOME `x` \\'"],
  ["a\nb's \\1", "$'a\\012b\\'s \\\\1'"],
  ['odd\udcff1', "$'odd\\3771'"],
  ['é', "'é'"],
  ['~x', "'~x'"],
])('%j', (text, word) => {
  expect(printableWord(text)).toBe(word);
  expect(nameFromBytes(execFileSync('bash', ['-c', `printf %s ${word}`]))).toBe(text);
});
