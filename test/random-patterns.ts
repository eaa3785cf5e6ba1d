import fc from 'fast-check';

/** Letters that tell engines apart: cases, scripts, ends of lines, characters beyond U+FFFF, bytes that are not UTF-8. */
const letters = [
  ...['a', 'b', '/', '.', '_', '1', ' ', '\n', '\r', 'A', 'B', 'k', 's', 'i', 'I'],
  ...['\u00e9', '\u00c9', '\u00df', '\u1e9e', '\u017f', '\u212a', '\u0130', '\u0131', '\u00b5', '\u03bc', '\u01c5'],
  ...['\u03c3', '\u03c2', '\u03a3', '\u0345', '\u1fbe', '\ufb05', '\ufb06', '\u2028', '\u0661', '\u00b2', '\u0301'],
  ...['\u{1f600}', '\u{10400}', '\u{10428}', '\udc80', '\udcff'],
];
const letter = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'a', 'b', 'A', '/') },
  { weight: 2, arbitrary: fc.constantFrom(...letters) },
);

/** Texts that random patterns often match. */
export const randomInput: fc.Arbitrary<string> = fc.array(letter, { maxLength: 10 }).map((all) => all.join(''));

/** Templates, right and wrong. */
export const randomTemplate: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...['x', '-', '\\1', '\\2', '\\3', '\\n', '\\.', '\\\\', '$1', '$&', '\\12', '\\q', '\\g<0>', '\\g<1>', '\\g<n>'],
      ...['\\g<m>', '\\0', '\\07', '\\101', '\\400', '\\118', '\\g', '\\g<', '\\g<>', '\\g<a', '\\g<-1>', '\\g< 1>'],
      ...['\\g<\u0661>', '\\g<1_0>', '\\g<a b>', '\u{1f600}', '\\\u{1f600}', '\n', '8', '>'],
    ),
    { maxLength: 4 },
  )
  .map((all) => all.join(''));

const escapes = [
  ...['\\.', '\\x61', '\\u00e9', '\\U0001F600', '\\141', '\\0', '\\07', '\\n', '\\r', '\\-', '\\ ', '\\#', '\\udc80'],
  ...['\\u017F', '\\x4B'],
];
const classItem = fc.oneof(
  { weight: 4, arbitrary: letter.map((one) => (one === '\\' ? '\\\\' : one)) },
  fc.constantFrom('\\d', '\\w', '\\s', '\\D', '\\W', '\\S', 'a-z', 'A-Z', '^', '-', '\\]', '\\b', '\\1'),
  fc.constantFrom('\u00c0-\u00de', '\u00e9-\u{1f600}', '\udc80-\udcff', '\u{10400}-\u{10410}', '!-~', '\\x41-\\x5a'),
  fc.constantFrom(...escapes),
);
const charClass = fc
  .tuple(fc.constantFrom('[', '[^', '[]', '[^]'), fc.array(classItem, { minLength: 1, maxLength: 3 }))
  .map(([open, items]) => `${open}${items.join('')}]`);
const atom = fc.oneof(
  { weight: 8, arbitrary: letter.map((one) => (one === '.' ? '\\.' : one)) },
  { weight: 3, arbitrary: fc.constantFrom('.', '\\d', '\\w', '\\s', '\\D', '\\W', '\\S') },
  { weight: 1, arbitrary: fc.constantFrom(...escapes) },
  { weight: 1, arbitrary: fc.constantFrom('{', '}', ']', '#', ' ', ',') },
  { weight: 2, arbitrary: charClass },
);
const times = ['*', '+', '?', '{2}', '{1,2}', '{,2}', '{1,}', '{,}', '{0}', '{1,3}', '{1}', '{2,}'];
const quantifier = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(fc.constantFrom(...times), fc.constantFrom('', '', '?', '+')).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.constantFrom('{a', '{}', '{1', '{2,1}', '**', '* +') },
);
const place = fc.constantFrom('$', '^', '\\A', '\\Z', '\\b', '\\B');
const reference = fc.constantFrom('\\1', '\\2', '\\3', '(?P=n)', '(?P=m)', '\\1', '\\1');
const opening = fc.oneof(
  { weight: 8, arbitrary: fc.constant('(') },
  { weight: 4, arbitrary: fc.constant('(?:') },
  { weight: 2, arbitrary: fc.constantFrom('(?P<n>', '(?P<m>') },
  { weight: 3, arbitrary: fc.constantFrom('(?=', '(?!', '(?>') },
  { weight: 2, arbitrary: fc.constantFrom('(?<=', '(?<!') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('(?i:', '(?-i:', '(?s:', '(?m:', '(?x:', '(?a:', '(?u:', '(?si-m:', '(?ai:', '(?a-i:'),
  },
  { weight: 3, arbitrary: fc.constantFrom('(?(1)', '(?(2)', '(?(n)', '(?(1)') },
);
const start = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '(?i)',
      '(?m)',
      '(?s)',
      '(?x)',
      '(?a)',
      '(?ai)',
      '(?ims)',
      '(?u)',
      '(?#c)(?i)',
      '(?i)(?a)',
    ),
  },
);

const { pattern } = fc.letrec<{ pattern: string; sequence: string; item: string; unit: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 5 },
    { weight: 2, arbitrary: tie('sequence') },
    { weight: 1, arbitrary: fc.tuple(tie('sequence'), tie('pattern')).map(([one, other]) => `${one}|${other}`) },
  ),
  sequence: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
  item: fc.oneof(
    { maxDepth: 5 },
    { weight: 5, arbitrary: tie('unit') },
    { weight: 4, arbitrary: fc.tuple(tie('unit'), quantifier).map(([one, often]) => one + often) },
    { weight: 1, arbitrary: place },
    { weight: 1, arbitrary: reference },
    { weight: 1, arbitrary: fc.constantFrom('(?#c)', '(?#|)', ' ', '#\n') },
  ),
  unit: fc.oneof(
    { maxDepth: 5 },
    { weight: 4, arbitrary: atom },
    { weight: 3, arbitrary: fc.tuple(opening, tie('pattern')).map(([open, inside]) => `${open}${inside})`) },
  ),
}));

/** Patterns over the whole grammar, most of them well formed. */
export const randomPattern: fc.Arbitrary<string> = fc.tuple(start, pattern).map((all) => all.join(''));

/** Pieces of the grammar in any order: most of it is wrong. */
export const randomPunctuation: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...'()[]{}*+?|^$.-,:\\ab12dqP<=!#/ >i\u{1f600}',
      ...[
        '\\d',
        '(?:',
        '\\8',
        '(?P<',
        '(?P=',
        '(?P<n>',
        '(?<',
        '(?<=',
        '(?<!',
        '(?(',
        '(?(1)',
        '(?#',
        '(?>',
        '(?i',
        '(?i)',
      ],
      ...[
        '(?-',
        '(?x)',
        '(?au',
        '(?L',
        '\\x',
        '\\x4',
        '\\u',
        '\\U0011',
        '\\1',
        '\\2',
        '\\10',
        '\\477',
        '\\400',
        '\\0',
        '\\Z',
      ],
      ...['(?(n)', '(?P=n)', '\\G', '\\N', '\n', "'", '\u0661', '_1', '(?a:', '(?i-', '(?i-i:', '0', '\u0001'],
    ),
    { maxLength: 9 },
  )
  .map((all) => all.join(''));

const { dense } = fc.letrec<{ dense: string; item: string }>((tie) => ({
  dense: fc.array(tie('item'), { minLength: 1, maxLength: 4 }).map((items) => items.join('')),
  item: fc.oneof(
    { maxDepth: 5 },
    { weight: 3, arbitrary: fc.constantFrom('a', 'b', '.', '[ab]', 'a|', '|b', '|') },
    { weight: 1, arbitrary: fc.constantFrom('\\1', '\\2', '\\3', '(?(1)a|b)', '(?(2)b)', '^', '$', '\\b', '(?<=\\1)') },
    {
      weight: 5,
      arbitrary: fc
        .tuple(
          fc.constantFrom('(', '(', '(', '(?:', '(?=', '(?!', '(?>', '(?<=', '(?(1)', '(?i:'),
          tie('dense'),
          fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '*?', '+?', '??', '{2,}?', '{2,3}'),
        )
        .map(([open, inside, often]) => `${open}${inside})${often}`),
    },
  ),
}));

/** Groups in repeats in groups, with references to them: what engines disagree about. */
export const denselyNested: fc.Arbitrary<string> = dense;
/** Texts for them. */
export const fewLetters: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('a', 'b', 'a', 'b', 'A'), { maxLength: 7 })
  .map((all) => all.join(''));
