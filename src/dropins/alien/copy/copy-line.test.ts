import { expect, test } from 'vitest';
import { errnoOf } from '../../../grid/errno.ts';
import { copyFlags } from './copy-flags.ts';
import { readCopyLine } from './copy-line.ts';
import { readCopyList } from './copy-list.ts';

const pair = (source: string, destination: string, isInto = false) => ({ source, destination, isInto });

test.each([
  ['a file:b', [pair('a', 'file:b')]],
  ['-T 3 a -f file:b -v', [pair('a', 'file:b')]],
  ['-dst file:d a b', [pair('a', 'file:d', true), pair('b', 'file:d', true)]],
  ['a -dst file:d b', [pair('a', 'file:d', true), pair('b', 'file:d', true)]],
  ['-- -a file:-b', [pair('-a', 'file:-b')]],
  ['-input list', []],
])('cp %s', (line, pairs) => {
  expect(readCopyLine(line.split(' ')).pairs).toEqual(pairs);
});

/** Each option that is done, how it is given, and what it comes to. */
const done: readonly (readonly [string, object])[] = [
  ['-f', { options: { existing: 'md5' } }],
  ['-force', { options: { existing: 'md5' } }],
  ['-fastcheck', { options: { existing: 'size and time' } }],
  ['-input L', { lists: ['L'] }],
  ['-dst D', { into: 'D', pairs: [pair('a', 'D', true), pair('file:b', 'D', true)] }],
  ['-parent 2', { parent: 2 }],
  ['-rmprefix 3', { rmprefix: 3 }],
  ['-dryrun', { dryRun: true }],
  ['-v', { verbose: true }],
  ['-T 9', { options: { jobs: 9 } }],
  ['-S 15', { options: { streams: 15 } }],
  ['-y 3', { options: { sources: 3 } }],
  ['-chunks 7', { options: { chunks: 7 } }],
  ['-chunksz 1M', { options: { chunkBytes: 1 << 20 } }],
  ['--chunksz 8192', { options: { chunkBytes: 8192 } }],
  ['-timeout 60', { options: { timeoutSeconds: 60 } }],
  ['-timeout 0', { options: {} }],
  ['-retry 0', { options: { retries: 0 } }],
  ['-norecovery', { options: { retries: 0 } }],
  ['-ratethreshold 1000', { options: { bytesPerSecondAtLeast: 1000 } }],
  ['-strictspec', { options: { strict: true } }],
  ['-site CERN', { site: 'CERN' }],
  ['-noxrdzip', { options: { unpackHere: true } }],
  ['-j 12', { server: ['-j', '12'] }],
  ['-e P', { server: ['-e', 'P'] }],
  ['-l 5', { most: 5 }],
  ['-o 6', { skip: 6 }],
];

test.each(done)('cp %s', (text, wanted) => {
  expect(readCopyLine([...text.split(' '), 'a', 'file:b'])).toMatchObject({ told: [], ...wanted });
});

test('each option has its case above, changes nothing because it is always so, or says why', () => {
  for (const { names, kind, value } of copyFlags) {
    for (const name of names) {
      const line = [name, ...(value === undefined ? [] : ['1']), 'a', 'file:b'];
      if (kind === 'done') expect(done.some(([text]) => text.split(' ')[0] === name)).toBe(true);
      else if (kind === 'always') expect(readCopyLine(line)).toMatchObject({ options: {}, told: [] });
      else if (kind === 'told') expect(readCopyLine(line).told.join()).toContain(`${name} changes nothing`);
      else expect(() => readCopyLine(line)).toThrow(`${name} is not done`);
    }
  }
});

test.each([
  ['', 22],
  ['a', 22],
  ['a file:b c', 22],
  ['-dst file:d', 22],
  ['-nosuch a file:b', 22],
  ['-T', 22],
  ['-T 0 a file:b', 22],
  ['-T many a file:b', 22],
  ['-S 16 a file:b', 22],
  ['-chunksz 10 a file:b', 22],
  ['-chunksz 9999999999 a file:b', 22],
  ['-parent 1 -rmprefix 1 a file:b', 22],
  ['-glob x -name y a file:b', 22],
  ['-select ( a file:b', 64],
  ['-http a file:b', 38],
  ['-tpc a file:b', 38],
])('cp %s is refused with %i', (line, errno) => {
  const run = () => readCopyLine(line.split(' ').filter(Boolean));
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  expect(errnoOf(error)).toBe(errno);
});

test('a list of copies', () => {
  const text = '# from here\n; and here\n  // and here\n\na file:b\r\n"a b" \'file:c d\'\n';
  expect(readCopyList(text, 'L', undefined)).toEqual([pair('a', 'file:b'), pair('a b', 'file:c d')]);
  expect(readCopyList('a\n"b c"\n', 'L', 'file:d')).toEqual([pair('a', 'file:d', true), pair('b c', 'file:d', true)]);
  for (const [bad, into] of [
    ['a\n', undefined],
    ['a b c\n', undefined],
    ['a b\n', 'file:d'],
    ['"a b\n', undefined],
  ] as const) {
    expect(() => readCopyList(`# one\n${bad}`, 'L', into)).toThrow('L:2');
  }
});
