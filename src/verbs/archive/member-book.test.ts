import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { memberLine } from '../../catalog/member-lines.ts';
import type { Member } from '../../model/manifest.ts';
import { signatureOfEntries } from '../../shards/signature.ts';
import { memberBook } from './member-book.ts';

function member(path: string, more: Partial<Member> = {}): Member {
  return { path, type: 'file', bytes: 3, mtimeNs: 5n, mode: 0o644, uid: 1, gid: 2, sha256: 'ab', offset: 512, ...more };
}

const written = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]).toString('utf8');

test('more lines than fit into memory come back in their order, as often as they are asked for, and leave nothing', async () => {
  const path = join(await scratchFolder(), 'lines');
  const book = memberBook({ signedBy: 'members', keepsPaths: false, path });
  const large = Array.from({ length: 5 }, (_, index) => Buffer.alloc(7 << 20, `${index}`));
  book.add(member('a'));
  for (const [index, lines] of large.entries()) {
    book.addLines(lines, 10, { members: 9, bytes: 100 });
    book.add(member(`b${index}`));
  }
  const { lines, content, discard } = book.close();
  expect(existsSync(path)).toBe(true);
  const expected = `${memberLine(member('a'))}${large.map((one, index) => `${one}${memberLine(member(`b${index}`))}`).join('')}`;
  for (const _ of ['once', 'again']) expect(written(lines.pieces) === expected).toBe(true);
  expect(lines.count).toBe(56);
  expect(content).toEqual({ members: 51, bytes: 518 });
  discard();
  discard();
  expect(existsSync(path)).toBe(false);
});

test('what is no file of its own is counted as what it is', () => {
  const book = memberBook({ signedBy: 'members', keepsPaths: true, path: undefined });
  const all = [
    member('d', { type: 'directory', bytes: 0 }),
    member('d/a'),
    member('d/b', { hardLink: 'd/a' }),
    member('d/c', { type: 'link', bytes: 0, target: 't' }),
  ];
  for (const one of all) book.add(one);
  const { lines, content, signature } = book.close();
  expect(written(lines.pieces)).toBe(all.map(memberLine).join(''));
  expect(content).toEqual({ members: 3, bytes: 3 });
  expect(signature).toBe(signatureOfEntries(all.slice(1)));
  expect([book.has('d/a'), book.has('d/x')]).toEqual([true, false]);
});

test('an archive with a torn member has no signature', () => {
  const book = memberBook({ signedBy: 'members', keepsPaths: false, path: undefined });
  book.add(member('a', { torn: true }));
  expect(book.close().signature).toBeUndefined();
});
