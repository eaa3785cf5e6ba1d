import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileMap } from './compile-map.ts';
import type { CsvBlock } from './csv-blocks.ts';
import { csvRow } from './csv-cache.ts';
import { type MapContext, mapBlock, mapContext } from './map-block.ts';

const map = compileMap(
  {
    data: {
      __exclude__: ['a/0/no', 'no'],
      a: {
        'a/([0-9])/[^/]+\\.f$': 'a/\\1.tar',
        'a/([0-9])/1.*$': 'a/ones.tar',
        'a/(é|e)/.*$': 'a/\\1.tar',
        'a/n/([0-9]).*$': 'a/n\\1.tar',
        'a/x/.*$': 'EXCLUDE',
        'a/y/.*$': 'AUTOMATED',
        'a/([^/]+\\.txt)$': 'a/\\1',
        'a/up/([^/]*)/.*$': '../\\1.tar',
        'a/b(?!c)': 'a/b.tar',
      },
      b: {},
      __top__: { 'no.*$': 'no.tar', '(t+)$': '\\1.tar' },
    },
  },
  'data',
);
const held = new Map<string, number | bigint>([
  ['a/1.tar', 1_600_000_005],
  ['a/ones.tar', 2n ** 70n],
]);
const context = mapContext({ section: map, held, detail: 'INFO' });
const slow: MapContext = { ...context, quick: () => undefined };

function blockOf(text: string): CsvBlock {
  return { bytes: Buffer.from(text), columns: { name: 0, size: 1, mtime: 2 } };
}

function mapped(block: CsvBlock, by: MapContext) {
  try {
    const { text, ...rest } = mapBlock(block, by);
    return { ...rest, text: Buffer.from(text).toString() };
  } catch (error) {
    return (error as Error).message;
  }
}

const folder = fc.constantFrom(
  'a/0',
  'a/1',
  'a/1',
  'a/1/deep',
  'a/é',
  'a/e',
  'a/x',
  'a/n',
  'a/y',
  'a',
  'a/up/q',
  'b',
  'c',
  '',
  'a/"',
);
const file = fc.constantFrom(
  '1.f',
  '2.f',
  '3.f',
  'no',
  'b.txt',
  'c.txt',
  'é.f',
  'back\\.f',
  'tt',
  'bc',
  'b',
  'a,b.f',
  '\x7f.f',
);
const row = fc
  .tuple(
    folder,
    fc.array(file, { minLength: 1, maxLength: 5 }),
    fc.nat(9),
    fc.constantFrom(0, 7, 1 << 20, 2 ** 49, 10 ** 15),
  )
  .map(([below, files, time, size]) =>
    files.map((name) => csvRow(below === '' ? name : `${below}/${name}`, size, 1_600_000_000 + time)).join(''),
  );

test('rows that are read as bytes come to the same as those that are read as texts', () => {
  const counts = { quick: 0, slow: 0 };
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      // Quotes send the whole block the other way.
      for (const text of [rows.join(''), rows.filter((one) => !one.includes('"')).join('')]) {
        counts[context.quick(blockOf(text)) === undefined ? 'slow' : 'quick'] += 1;
        expect(mapped(blockOf(text), context)).toEqual(mapped(blockOf(text), slow));
      }
    }),
    { numRuns: 300 },
  );
  expect(counts.quick).toBeGreaterThan(100);
  expect(counts.slow).toBeGreaterThan(20);
});

test.each([
  ['a/1/1.f,1,1\na/1/2.f,1,1\n', true],
  ['a/1/1.f,1,1\r\na/1/2.f,1,1', false],
  ['a/1/1.f,1,1\r\n\r\na/1/2.f,1,1\r\n', false],
  ['a/1/1.f,1\r\n', false],
  ['a/1/1.f,,1\r\n', false],
  ['a/1/1.f,1,\r\n', false],
  ['a/1/1.f,-1,1\r\n', false],
  ['a/1/1.f,1,1.5\r\n', false],
  ['a/1/1.f,1,1,more\r\n', false],
  ['a/1/1.f,1,1\ra/1/2.f,1,1\r\n', false],
  ['a/1/1\r.f,1,1\r\n', false],
  ['"a/1/1.f",1,1\r\n', false],
  ['a/1/1.f,99999999999999999,1\r\n', false],
  ['a/1/2.f,999999999999999,1\r\n'.repeat(12), false],
  ['a/1/1.f,none,1\r\n', false],
  ['a/1/1.f,1,none\r\n', false],
  [',1,1\r\n', true],
  ['/a/1,1,1\r\n', true],
  ['', false],
  // Of one directory and one rule, and each to an archive of its own.
  ['a/n/1.f,1,1\r\na/n/2.f,1,1\r\na/n/2.g,1,1\r\na/n/1.g,1,1\r\n', true],
  ['tt,1,1\r\na/1/1.f,1,1\r\nno,1,1\r\ntt,1,1\r\n', true],
] as const)('%j', (text, isQuick) => {
  expect(context.quick(blockOf(text)) !== undefined).toBe(isQuick);
  expect(mapped(blockOf(text), context)).toEqual(mapped(blockOf(text), slow));
});

test('a name that must be written otherwise is, also where the automaton has given up', () => {
  // Of what came last it has to know so much that it has more states than it may.
  const section = compileMap({ data: { __exclude__: [], a: { 'a/[01]*1[01]{14}x?.*$': 'a.tar' } } }, 'data');
  const given = { section, held: new Map(), detail: 'INFO' } as const;
  const [quick, texts] = [mapContext(given), { ...mapContext(given), quick: () => undefined }];
  let seed = 1;
  const digits = Array.from({ length: 9000 }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % 2;
  }).join('');
  const names = ['back\\slash', 'plain', 'tab\t'].map((name) => csvRow(`a/${digits}${name}`, 1, 1));
  for (const name of names) {
    expect(quick.quick(blockOf(name))).toBeDefined();
    // Too long to be shown.
    expect(isDeepStrictEqual(mapped(blockOf(name), quick), mapped(blockOf(name), texts))).toBe(true);
  }
  const all = blockOf([...names, csvRow(`a/${digits}1/back\\slash`, 1, 1)].join(''));
  expect(isDeepStrictEqual(mapped(all, quick), mapped(all, texts))).toBe(true);
});
