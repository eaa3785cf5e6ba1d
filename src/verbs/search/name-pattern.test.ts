import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NamePattern, namePattern, regexName } from './name-pattern.ts';

const part = fc.constantFrom(
  'a',
  'b',
  '/',
  '*',
  '**',
  '?',
  '[ab]',
  '[!a]',
  '\\*',
  '.',
  '%',
  '\udcff',
  'é',
  '+',
  '(',
  ')',
  '|',
  '^',
  '$',
  '(?i)A',
);
const anyPattern = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const anyPath = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'A', '*', '%', '\udcff', 'é', '.', '+'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));
const anySection = fc.constantFrom('a', 'a/b', 'ab', 'data');

/** No path that fits may be lost by the quick look. */
function expectKept(pattern: NamePattern, section: string, path: string) {
  if (!pattern.fits(section, path)) return;
  const texts = pattern.holdsOneOf(section);
  if (texts === undefined) return;
  expect(
    texts.some((text) => path.includes(text)),
    `${JSON.stringify(texts)} in ${JSON.stringify(path)}`,
  ).toBe(true);
}

test('every path that fits holds one of the texts that are looked for first', () => {
  fc.assert(
    fc.property(anyPattern, anySection, anyPath, (pattern, section, path) => {
      expectKept(namePattern(pattern), section, path);
      try {
        expectKept(regexName(pattern), section, path);
      } catch (error) {
        expect(error).toMatchObject({ code: 'usage' });
      }
    }),
    { numRuns: 5000 },
  );
});
