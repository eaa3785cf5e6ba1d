import { expect, test } from 'vitest';
import { pythonPattern, readConfiguration, ruleSet } from './rules-entry.ts';

const bytes = Buffer.from(
  JSON.stringify({
    __config__: { root: '/r', store: 'dir:v' },
    data: { __exclude__: [], d1: { '(?i)d1/(?P<night>\\d{8})/(?!tmp).*$': 'd1/\\g<night>.tar' } },
  }),
);
const { configuration } = readConfiguration(bytes, 'c.json');

test.each([
  ['d1/20240101/a.fits', { kind: 'archived', archive: 'd1/20240101.tar' }],
  ['d1/20240101/tmp', { kind: 'unmapped' }],
])('the fate of %s', (path, fate) => {
  expect(ruleSet(configuration!, 'data').fateOf(path)).toMatchObject(fate);
});

test('a section that is not there is an error with those that are', () => {
  expect(() => ruleSet(configuration!, 'dada')).toThrow(
    expect.objectContaining({ code: 'configuration', message: "c.json has no section 'dada'", hint: "it has 'data'" }),
  );
});

test('a pattern and a template as text', () => {
  const pattern = pythonPattern('(a)|(b)');
  expect(pattern.match('bc')).toEqual({ groups: [undefined, 'b'], span: [0, 1] });
  expect(pattern.match('c')).toBeUndefined();
  expect(pattern.sub('<\\g<0>\\2>', 'cab')).toBe('c<a><bb>');
  expect(() => pattern.sub('\\3', 'a')).toThrow('invalid group reference 3 at position 1');
  expect(() => pythonPattern('a\n(')).toThrow('missing ), unterminated subpattern at position 2 (line 2, column 1)');
});
