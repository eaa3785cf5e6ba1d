import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { fsPath, nameFromBytes, nameToBytes } from '../model/byte-name.ts';
import { formatSums, parseSums, sha256Of } from './disc-sums.ts';

const name = fc
  .array(fc.constantFrom(...[...'a\\nr \t*#', '\n', '\r', 'ü', '日', '\udcff']), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''));

test('digests go in and come out unchanged, whatever the names', () => {
  fc.assert(
    fc.property(fc.dictionary(name, fc.uint8Array({ maxLength: 3 })), (files) => {
      const sums = new Map(Object.entries(files).map(([path, bytes]) => [path, sha256Of(bytes)]));
      expect(parseSums(formatSums(sums))).toEqual(sums);
    }),
  );
});

test('sha256sum reads them', async () => {
  const folder = await scratchFolder();
  mkdirSync(`${folder}/d`);
  const names = [
    'd/plain',
    'd/with blank',
    'd/back\\slash',
    'd/line\nbreak',
    'd/-rf',
    nameFromBytes(Buffer.from('d/\xff', 'latin1')),
  ];
  for (const one of names) writeFileSync(fsPath(`${folder}/${one}`), nameToBytes(one));
  writeFileSync(`${folder}/sums`, formatSums(new Map(names.map((one) => [one, sha256Of(nameToBytes(one))]))));
  const said = execFileSync('sha256sum', ['--strict', '-c', 'sums'], { cwd: folder, encoding: 'latin1' });
  expect(said.match(/: OK$/gm)).toHaveLength(names.length);
});

test.each([
  ['nothing', ''],
  ['a line that is cut off', `${'0'.repeat(64)}  `],
  ['a digest that is too short', `${'0'.repeat(63)}  a\n`],
  ['another digest', `${'g'.repeat(64)}  a\n`],
])('%s is no digest of anything', (_, text) => {
  expect(parseSums(Buffer.from(text)).size).toBe(0);
});
