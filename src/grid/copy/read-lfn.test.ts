import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type CopyStand, copyStand } from '../../../test/copies.ts';
import { needing } from '../../../test/needing.ts';
import { hasXrootd } from '../../../test/xrootd-servers.ts';
import { type ReadLfnOptions, readLfn, readWholeLfn } from './read-lfn.ts';
import type { ReplicaFailure } from './replica-set.ts';

const { test } = needing(hasXrootd);

const two = [{ name: 'ONE' }, { name: 'TWO' }] as const;

async function bytesOf({ parts }: CopyStand, lfn: string, options: ReadLfnOptions = {}): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLfn(parts, lfn, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function drops(): { readonly dropped: (failure: ReplicaFailure) => void; readonly told: string[] } {
  const told: string[] = [];
  return { told, dropped: ({ se, reason }) => void told.push(`${se.split('::').at(-1)} ${reason.code}`) };
}

test('a small file whose first replica lies: only right bytes are given away, and the liar is named', async () => {
  const stand = await copyStand(two);
  const bytes = randomBytes(10_000);
  const lfn = stand.grid.plant('small', bytes, 'ONE', 'TWO');
  const { dropped, told } = drops();
  expect((await bytesOf(stand, lfn, { dropped })).equals(bytes)).toBe(true);
  expect(told).toEqual([]);
  stand.grid.corrupt(lfn, 'ONE');
  expect((await bytesOf(stand, lfn, { dropped })).equals(bytes)).toBe(true);
  expect(told).toEqual(['ONE corrupt']);
  stand.grid.lose(lfn, 'TWO');
  await expect(readWholeLfn(stand.parts, lfn, 20_000, { dropped })).rejects.toMatchObject({ code: 'unavailable' });
  expect(told).toEqual(['ONE corrupt', 'ONE corrupt', 'TWO missing']);
  await expect(readWholeLfn(stand.parts, lfn, 9999)).rejects.toMatchObject({ code: 'refused' });
});

test('a part of a file comes from the next replica where one is missing or has another size', async () => {
  const stand = await copyStand(two);
  const bytes = randomBytes(300_000);
  const lfn = stand.grid.plant('file', bytes, 'ONE', 'TWO');
  for (const harm of ['lose', 'shorten'] as const) {
    if (harm === 'lose') stand.grid.lose(lfn, 'ONE');
    else writeFileSync(stand.grid.replica(lfn, 'ONE'), bytes.subarray(0, 200_000));
    const { dropped, told } = drops();
    const part = await bytesOf(stand, lfn, { offset: 100_000, bytes: 50_000, dropped });
    expect(part.equals(bytes.subarray(100_000, 150_000))).toBe(true);
    expect(told).toEqual([harm === 'lose' ? 'ONE missing' : 'ONE corrupt']);
  }
  expect(await bytesOf(stand, lfn, { offset: 300_000 })).toHaveLength(0);
});

test('of more than what is proven first: right bytes come, and a lie is told at the end with who told it', async () => {
  const stand = await copyStand(two);
  const bytes = randomBytes(9 << 20);
  const lfn = stand.grid.plant('large', bytes, 'ONE', 'TWO');
  const digest = createHash('md5').update(bytes).digest('hex');
  expect(
    createHash('md5')
      .update(await bytesOf(stand, lfn))
      .digest('hex'),
  ).toBe(digest);
  stand.grid.corrupt(lfn, 'ONE');
  await expect(bytesOf(stand, lfn)).rejects.toMatchObject({
    code: 'corrupt',
    facts: { elements: ['LOCALHOST::JTESTSITE::ONE'] },
  });
  const other = await bytesOf(stand, lfn, { where: ['!LOCALHOST::JTESTSITE::ONE'] });
  expect(other.equals(bytes)).toBe(true);
});

test('what nobody has is missing', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  await expect(bytesOf(stand, '/localhost/localdomain/user/j/jalien/nothing')).rejects.toMatchObject({
    code: 'missing',
  });
  const lfn = stand.grid.plant('file', Buffer.from('x'));
  stand.grid.lose(lfn, 'ONE');
  await expect(bytesOf(stand, lfn)).rejects.toMatchObject({ code: 'missing' });
});
