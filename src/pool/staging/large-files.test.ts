import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { until } from '../../../test/waiting.ts';
import type { Member } from '../../model/manifest.ts';
import { type LargeFiles, largeFiles } from './large-files.ts';
import { directFrom } from './write-content.ts';

const noise = Buffer.from(Array.from({ length: 65_521 }, (_, index) => (index * index * 31 + (index >> 7)) & 0xff));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A folder with a large file, one to copy it into, and what copies it, ended with the test. */
async function during(
  deed: (large: LargeFiles, order: Parameters<LargeFiles['copy']>[0]) => Promise<void>,
): Promise<void> {
  const root = await scratchFolder();
  writeFileSync(`${root}/a`, Buffer.alloc(directFrom + 5, noise));
  chmodSync(`${root}/a`, 0o4604);
  utimesSync(`${root}/a`, 1_000_000, 1_000_000.25);
  const large = largeFiles();
  try {
    await deed(large, { peer: 'one', root, folder: await scratchFolder(), path: 'a', options: {} });
  } finally {
    await large.close();
  }
}
const failed = (large: LargeFiles) =>
  large.all().then(
    () => 'nothing',
    (error: unknown) => error as Error & { readonly code: string },
  );
const never = () => {
  throw new Error('it was copied');
};

test('a large file is copied as it is, with its digest, and no other one meanwhile', () =>
  during(async (large, order) => {
    expect([large.takes(directFrom - 1), large.takes(directFrom)]).toEqual([false, true]);
    // What a stopped run left.
    writeFileSync(`${order.folder}/a`, 'half');
    const copied: Member[] = [];
    large.copy(order, undefined, (member) => copied.push(member));
    expect(large.takes(directFrom)).toBe(false);
    await large.all();
    expect(large.takes(directFrom)).toBe(true);
    const bytes = readFileSync(`${order.root}/a`);
    expect(readFileSync(`${order.folder}/a`).equals(bytes)).toBe(true);
    expect(copied).toMatchObject([
      {
        path: 'a',
        type: 'file',
        bytes: bytes.length,
        mode: 0o604,
        mtimeNs: 1_000_000_250_000_000n,
        sha256: sha256(bytes),
      },
    ]);
    const { mode, mtimeMs } = statSync(`${order.folder}/a`);
    expect([mode & 0o7777, mtimeMs]).toEqual([0o604, 1_000_000_250]);
  }));

test('one that cannot be read names its peer, one that cannot be written itself, and leaves nothing', () =>
  during(async (large, order) => {
    large.copy({ ...order, path: 'gone' }, undefined, never);
    expect(await failed(large)).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/cannot read '.*gone' of peer 'one'/),
    });
    const other = largeFiles();
    other.copy({ ...order, folder: `${order.folder}/none` }, undefined, never);
    expect(await failed(other)).toMatchObject({ message: expect.stringContaining("cannot stage 'a'") });
    await other.close();
    expect(readdirSync(order.folder)).toEqual([]);
  }));

test.each(['the signal', 'the end'])(
  'given up by %s in the middle: it is no longer waited for, and nothing is noted',
  (by) =>
    during(async (large, order) => {
      // Without an end that anybody would wait for.
      truncateSync(`${order.root}/a`, 2 ** 32);
      const stop = new AbortController();
      large.copy(order, stop.signal, never);
      await until('it is begun', () => existsSync(`${order.folder}/a`));
      if (by === 'the signal') stop.abort();
      else await large.close();
      expect(await failed(large)).toMatchObject({ code: 'interrupted' });
    }),
);
