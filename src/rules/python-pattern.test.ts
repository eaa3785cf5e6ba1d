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
  ['(?P<x>a)(?P<x>b)', "redefinition of group name 'x' as group 2; was group 1", 12],
  ['(?P<a\n>x)', "bad character in group name 'a\\n'", 4],
  ["(?P<a'>x)", 'bad character in group name "a\'"', 4],
  ['(?P=n)', "unknown group name 'n'", 4],
  ['(?P<n>(?P=n))', 'cannot refer to an open group', 10],
  ['(?<=(a)\\1)b', 'cannot refer to group defined in the same lookbehind subpattern', 9],
  ['(?<=a|bc)d', 'look-behind requires fixed-width pattern', 0],
  ['a(?i)b', 'global flags not at the start of the expression', 1],
  ['a|(?i)b', 'global flags not at the start of the expression', 2],
  ['(?au)', "bad inline flags: flags 'a', 'u' and 'L' are incompatible", 4],
  ['(?a)(?u)', 'ASCII and UNICODE flags are incompatible', 0],
  ['(?i-i:a)', 'bad inline flags: flag turned on and off', 5],
  ['(?i\u00e9', 'unknown flag', 3],
  ['(?(0)a)', 'bad group number', 3],
  ['(?(1)a|b|c)', 'conditional backref with more than two branches', 8],
  ['(a)(?(2)b)', 'invalid group reference 2', 6],
  ['[\\x41-\\x40]', 'bad character range \\x-\\x', 5],
  ['\\N', 'missing {', 2],
] as const)('%s is rejected as Python rejects it, with more of the grammar', (pattern, reason, position) => {
  expect(() => pythonPattern(pattern)).toThrow(
    expect.objectContaining({ facts: { pattern, reason, position, refused: false } }),
  );
});

test.each([
  ['a\\N{DIGIT ONE}', "character name '\\N{DIGIT ONE}'", 1],
  ['(?t)a', "flag 't'", 2],
  [`${'('.repeat(101)}${')'.repeat(101)}`, 'nesting of more than 100 groups', 100],
] as const)('%.30s is refused by name', (pattern, construct, position) => {
  expect(() => pythonPattern(pattern)).toThrow(
    expect.objectContaining({
      message: `${construct} is not supported at position ${position}`,
      facts: { pattern, reason: `${construct} is not supported`, position, refused: true },
    }),
  );
});

test.each([
  ['d1/(r\\d+)/.*$', 'regexp'],
  ['(?i)d1/(?P<n>a+)/(?P=n)_(?!tmp).*(?<!\\.tmp)$', 'matcher'],
  ['d1/(?P<n>a+)/(?P=n)_(?!tmp).*(?<!\\.tmp)$', 'regexp'],
  ['(?im:^a\\b)(?>b|c)++\\Z', 'regexp'],
  ['(a)?\\1', 'matcher'],
  ['(?:(a)|b)+', 'matcher'],
  ['(a*)*', 'matcher'],
  ['(a)?(?(1)b|c)', 'matcher'],
  ['(?<=(a))b', 'matcher'],
] as const)('%s runs on %s', (pattern, engine) => {
  expect(pythonPattern(pattern).engine).toBe(engine);
});

test.each(['(a+)+$', '(?:(a)|a)+$'])('%s by our own engine stops where it would try for ever', (pattern) => {
  const compiled = pythonPattern(pattern, { engine: 'matcher', steps: 100_000 });
  expect(() => compiled.match(`${'a'.repeat(40)}b`)).toThrow('the pattern takes more than 100000 steps');
  expect(compiled.match('aa')?.span).toEqual([0, 2]);
});

test('a pattern that is too large for the one engine runs on the other', () => {
  const compiled = pythonPattern('()'.repeat(70_000));
  expect(compiled.engine).toBe('matcher');
  expect(compiled.match('a')?.span).toEqual([0, 0]);
});

test('a long path does not exhaust the stack', () => {
  const path = 'ab'.repeat(100_000);
  expect(pythonPattern('(?:(a)|(b))*$').match(path)).toEqual({ groups: ['a', 'b'], span: [0, 200_000] });
});

test.each([
  ['(a)?\\1b', 'b', undefined],
  ['(?:(a)|b)*', 'ab', ['a']],
  ['(?i)(\u03c3)\\1', '\u03a3\u03c3', ['\u03a3']],
  ['(?i)(\u03c3)\\1', '\u03a3\u03c2', undefined],
  ['(?>a|ab)c', 'abc', undefined],
  ['(?:a|ab){2}+', 'aba', undefined],
  ['((a)b*(?(1)c|d))', 'abd', ['abd', 'a']],
  ['(?x) a  # a comment\n b', 'ab', []],
  ['(?i)[\u{10400}-\u{10402}]', '\u{10428}', []],
  ['(?a)(?i)\u00e9', '\u00c9', undefined],
  ['\\B', '', undefined],
  ['(?m)a$\n^b', 'a\nb', []],
] as const)('what the groups of %s hold on %j', (pattern, input, groups) => {
  expect(pythonPattern(pattern).match(input)?.groups).toEqual(groups);
  expect(pythonPattern(pattern, { engine: 'matcher' }).match(input)?.groups).toEqual(groups);
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

test('nothing is found between the halves of a character', () => {
  expect(pythonPattern('(?<!b)').sub('-', 'b\u{1f600}k')).toBe('-b\u{1f600}-k-');
});

test.each([
  ['\\9', 1, 'invalid group reference 9', 1],
  ['y\\2.tar', 1, 'invalid group reference 2', 2],
  ['a\\q', 0, 'bad escape \\q', 1],
  ['a\\', 0, 'bad escape (end of pattern)', 1],
  ['\\100', 1, undefined, 0],
  ['\\400', 1, 'octal escape value \\400 outside of range 0-0o377', 0],
  ['\\g', 1, 'missing <', 2],
  ['\\g<1', 1, 'missing >, unterminated name', 3],
  ['\\g<>', 1, 'missing group name', 3],
  ['\\g<n>', 1, "unknown group name 'n'", 3],
  ['\\g<1a>', 1, "bad character in group name '1a'", 3],
])('the template %s for %d groups', (text, groups, reason, position) => {
  if (reason === undefined) expect(template(text, groups, new Map())).toBeDefined();
  else
    expect(() => template(text, groups, new Map())).toThrow(
      expect.objectContaining({ facts: { pattern: text, reason, position, refused: false } }),
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

test.each([
  ['d1/templates/^[^\\s]+$', true],
  ['d1/(^a|^b)$', false],
  ['(d1/^a|d2/^b)$', true],
  ['(d1/^a|b)$', false],
  ['(d1/^a)?b$', false],
  ['a*^b$', false],
  ['^d1/[^/]+$', false],
  ['(?m)d1/^[^/]+$', false],
] as const)('%j can never match, for a ^ stands too late: %j', (pattern, expected) => {
  const compiled = pythonPattern(pattern);
  expect(compiled.beginsTooLate).toBe(expected);
  if (expected) for (const text of ['d1/templates/x', 'd1/a', 'd2/b', '']) expect(compiled.occurs(text)).toBe(false);
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

test('letters are the same without case as in Python', () => {
  const assigned = assignedInPython();
  if (assigned === undefined) return;
  const all = assigned.map((codePoint) => String.fromCodePoint(codePoint));
  const cased = all.filter((letter) => letter.toLowerCase() !== letter || letter.toUpperCase() !== letter);
  const input = cased.join('');
  const patterns = cased.flatMap((letter) => (letter.toLowerCase() === letter ? [`(?i)${letter}`] : []));
  const answers = askPython(patterns.map((pattern) => ({ pattern, template: '', input })));
  const wrong = patterns.filter((pattern, at) => {
    const answer = answers?.[at];
    const left = answer?.kind === 'answer' && 'text' in answer.sub ? answer.sub.text : undefined;
    return pythonPattern(pattern).sub('', input) !== left;
  });
  expect(cased.length).toBeGreaterThan(2500);
  expect(wrong).toEqual([]);
});
