import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestLimit, requestTexts } from './request.ts';

const optionsOf = (text: string) => (JSON.parse(text) as { options: string[] }).options;

test('a short request is one text', () => {
  expect(requestTexts({ command: 'ls', args: ['-l', 'a'] })).toEqual(['{"command":"ls","options":["-l","a"]}']);
});

test('a long list goes in pieces that are short enough, each with the options, in order and without loss', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 200, max: 800 }),
      (names, limit) => {
        const list = names.map((name) => `/${name}`);
        const texts = requestTexts({ command: 'chmod', args: ['-R', '700', ...list] }, limit);
        for (const text of texts) expect(text.length).toBeLessThanOrEqual(limit);
        expect(texts.every((text) => optionsOf(text)[0] === '-R' && optionsOf(text)[1] === '700')).toBe(true);
        expect(texts.flatMap((text) => optionsOf(text).slice(2))).toEqual(list);
      },
    ),
  );
});

test('names behind -- stay behind it in every piece', () => {
  const names = Array.from({ length: 50 }, (_, index) => `-name-${index}`);
  const texts = requestTexts({ command: 'rm', args: ['-r', '--', ...names] }, 200);
  expect(texts.length).toBeGreaterThan(3);
  expect(texts.every((text) => optionsOf(text)[1] === '--')).toBe(true);
  expect(texts.flatMap((text) => optionsOf(text).slice(2))).toEqual(names);
});

test.each([
  ['one that is no list', { command: 'find', args: ['/a', 'x'.repeat(requestLimit)] }],
  ['one name that is too long', { command: 'ls', args: ['x'.repeat(requestLimit)] }],
  ['what is not UTF-8', { command: 'ls', args: ['\udc80'] }],
])('%s cannot be sent', (_, request) => {
  expect(() => requestTexts(request)).toThrow(expect.objectContaining({ code: 'usage' }));
});
