import { expect, test } from 'vitest';
import { askPython, assignedInPython } from '../../test/python-re.ts';
import { pythonPattern } from './python-pattern.ts';
import { template } from './template.ts';

test.each([
  ['d1/(r\\d{5,4})/.*$', 'min repeat greater than max repeat', 8],
  ['*a', 'nothing to repeat', 0],
  ['$*', 'nothing to repeat', 1],
  ['a**', 'multiple repeat', 2],
  ['x[a', 'unterminated character set', 1],
  ['x(a', 'missing ), unterminated subpattern', 1],
  ['a)', 'unbalanced parenthesis', 1],
  ['[b-a]', 'bad character range b-a', 1],
  ['\u{1f600}\\q', 'bad escape \\q', 1],
  ['a\\', 'bad escape (end of pattern)', 1],
  ['(?z)', 'unknown extension ?z', 1],
  ['(?', 'unexpected end of pattern', 2],
] as const)('%s is rejected as Python rejects it', (pattern, reason, position) => {
  expect(() => pythonPattern(pattern)).toThrow(
    expect.objectContaining({ code: 'configuration', facts: { pattern, reason, position, refused: false } }),
  );
});

test.each([
  ['a(?=b)', "look-ahead '(?='", 1],
  ['a(?!b)', "negative look-ahead '(?!'", 1],
  ['(?<=a)b', "look-behind '(?<='", 0],
  ['(?<!a)b', "negative look-behind '(?<!'", 0],
  ['(?P<n>a)', "named group '(?P<'", 0],
  ['(?P=n)', "named back-reference '(?P='", 0],
  ['(?#x)', "comment '(?#'", 0],
  ['(a)(?(1)b)', "conditional '(?('", 3],
  ['(?>a)', "atomic group '(?>'", 0],
  ['(?i)a', "flag '(?i'", 0],
  ['(?x: a)', "flag '(?x'", 0],
  ['(a)\\1', "back-reference '\\1'", 3],
  ['a++', "possessive quantifier '++'", 1],
  ['\\bx', "word boundary '\\b'", 0],
  ['x\\B', "non-boundary '\\B'", 1],
  ['\\Ax', "start of text '\\A'", 0],
  ['x\\Z', "end of text '\\Z'", 1],
  ['\\x41', "character escape '\\x'", 0],
  ['[\\u0041]', "character escape '\\u'", 1],
  ['\\N{DIGIT ONE}', "character escape '\\N'", 0],
  ['\\07', "octal escape '\\0'", 0],
  ['[\\1]', "octal escape '\\1'", 1],
  ['((a)|b)*', 'repeating a group inside which another is optional', 7],
  ['(a*)*', 'repeating a group that can match nothing', 4],
  ['(?:|a)*', 'repeating something that prefers to match nothing', 6],
  ['()'.repeat(70_000), 'a pattern as large as this', 0],
  [`${'('.repeat(101)}${')'.repeat(101)}`, 'nesting of more than 100 groups', 100],
] as const)('%.30s is refused by name', (pattern, construct, position) => {
  expect(() => pythonPattern(pattern)).toThrow(
    expect.objectContaining({
      message: `${construct} is not supported yet at position ${position}`,
      facts: { pattern, reason: `${construct} is not supported yet`, position, refused: true },
    }),
  );
});

test.each([
  ['d/.*$', 'd/a\n', [0, 3]],
  ['d/a$', 'd/a\n', [0, 3]],
  ['d/a$', 'd/a\n\n', undefined],
  ['.', '\u2028', [0, 1]],
  ['.', '\n', undefined],
  ['\\d', '\u0661', [0, 1]],
  ['\\s', '\u001c', [0, 1]],
  ['\\s', '\ufeff', undefined],
  ['..$', '\u{1f600}\udc80', [0, 2]],
  ['[]a]+', ']a]b', [0, 3]],
  ['a{,2}{', 'aa{', [0, 3]],
  ['b', 'ab', undefined],
] as const)('%s on %j', (pattern, input, span) => {
  expect(pythonPattern(pattern).match(input)?.span).toEqual(span);
});

test.each([
  ['d/a', 'd/a.tar', 'd/abc', 'd/a.tarbc'],
  ['.*', 'd.tar', 'd/x', 'd.tard.tar'],
  ['|a', '-', 'a', '---'],
  ['(a)|b', '[\\1]', 'ab', '[a][]'],
  ['x*', '-', 'a\u{1f600}', '-a-\u{1f600}-'],
  ['(a)', '$1\\\\\\.', 'a', '$1\\\\.'],
])('sub %s by %s in %s', (pattern, text, input, expected) => {
  const compiled = pythonPattern(pattern);
  expect(compiled.sub(template(text, compiled.groups), input)).toBe(expected);
});

test.each([
  ['\\9', 1, 'invalid group reference 9', 1, false],
  ['y\\2.tar', 1, 'invalid group reference 2', 2, false],
  ['a\\q', 0, 'bad escape \\q', 1, false],
  ['a\\', 0, 'bad escape (end of pattern)', 1, false],
  ['\\100', 1, "octal escape '\\100' is not supported yet", 0, true],
  ['\\0', 1, "octal escape '\\0' is not supported yet", 0, true],
  ['\\g<1>', 1, "group reference '\\g' is not supported yet", 0, true],
])('the template %s for %d groups', (text, groups, reason, position, refused) => {
  expect(() => template(text, groups)).toThrow(
    expect.objectContaining({ facts: { pattern: text, reason, position, refused } }),
  );
});

test.each([
  ['d1/(r\\d+)/.*$', 'd1/r', false],
  ['^d1/[.]x', 'd1/.x', false],
  ['d1/(a(b|bc)d)', 'd1/ab', false],
  ['d(?:1|2)/x$', 'd', false],
  ['da*', 'd', false],
  ['(da)+x', 'da', false],
  ['a|b', '', false],
  ['', '', false],
])('the text that every match of %s begins with', (pattern, prefix) => {
  expect(pythonPattern(pattern).literalPrefix).toBe(prefix);
});

test.each([
  ['a$', true],
  ['(a$)', true],
  ['a$|b$', true],
  ['a$|b', false],
  ['a\\$', false],
  ['(?:a$)?', false],
])('whether every way through %s ends in $', (pattern, expected) => {
  expect(pythonPattern(pattern).endsAtEnd).toBe(expected);
});

test('the named sets are the same characters as in Python', () => {
  const assigned = assignedInPython();
  if (assigned === undefined) return;
  const input = assigned.map((codePoint) => String.fromCodePoint(codePoint)).join('');
  const patterns = ['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '[^\\W]', '[^\\Wa]', '[\\W\\d]', '[^\\S]', '.'];
  const answers = askPython(patterns.map((pattern) => ({ pattern, template: '', input })));
  patterns.forEach((pattern, at) => {
    const answer = answers?.[at];
    const left = answer?.kind === 'answer' && 'text' in answer.sub ? answer.sub.text : undefined;
    expect(pythonPattern(pattern).sub(template('', 0), input) === left, pattern).toBe(true);
  });
});
