import { expect, test } from 'vitest';
import { triesEndlessly } from './pattern-danger.ts';
import { parsePattern } from './pattern-parser.ts';

test.each([
  ['d/(a+)+$', true],
  ['d/(a*)*$', true],
  ['d/(?:\\w*\\d?)*x$', true],
  ['d/((a+))+$', true],
  ['d/(a+|b)*$', true],
  ['d/(.*)+/x$', true],
  ['d/(a+){2,}$', true],
  ['d/(?:(?:a+)?)*$', true],
  ['d/([^/]+/)*x$', false],
  ['d/(a+b)+$', false],
  ['d/.*.*$', false],
  ['d/(ab)+$', false],
  ['d/(a{3})+$', false],
  ['d/(a++)+$', false],
  ['d/(?>a+)+$', false],
  ['d/([0-9]{8})/.*$', false],
  ['d/(a+){2}$', false],
] as const)('%s', (pattern, expected) => {
  expect(triesEndlessly(parsePattern(pattern).tree)).toBe(expected);
});
