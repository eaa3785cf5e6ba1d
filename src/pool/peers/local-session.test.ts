import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { realFiles } from '../../durable/real-files.ts';
import { localSession } from './local-session.ts';
import type { Copier } from './peer.ts';

const MiB = 1024 * 1024;

/** A directory with files of these sizes, below folders. */
async function directory(sizes: readonly number[]): Promise<string> {
  const root = await scratchFolder();
  for (const [at, bytes] of sizes.entries()) {
    mkdirSync(`${root}/${at % 3}`, { recursive: true });
    writeFileSync(`${root}/${at % 3}/${at}`, '');
    truncateSync(`${root}/${at % 3}/${at}`, bytes);
  }
  return root;
}

/** What the copier and the caller get of a directory: `copied` with many, `large` by itself, `sent`. */
async function shares(root: string, sizes: readonly number[]) {
  const got = { copied: [] as string[], large: [] as string[], sent: [] as string[], together: 0 };
  const bytesOf = (path: string) => sizes[Number(path.slice(2))]!;
  const left: string[] = [];
  // Of what it took last, nobody knows yet.
  let unseen: string[] = [];
  let isBusy = false;
  const copier: Copier = {
    async copy(_, paths, hasOther) {
      if (hasOther) got.together += 1;
      left.push(...unseen);
      unseen = paths.filter((path) => bytesOf(path) >= MiB);
      got.copied.push(...paths.filter((path) => bytesOf(path) < MiB));
    },
    left: () => left.splice(0),
    async copyLarge(_, path, bytes) {
      expect(bytes).toBe(bytesOf(path));
      if (isBusy || bytes < 16 * MiB) return false;
      isBusy = true;
      got.large.push(path);
      return true;
    },
    async rest() {
      isBusy = false;
      left.push(...unseen.splice(0));
    },
  };
  const busy = () => isBusy;
  const take = async ({ path, type }: { readonly path: string; readonly type: string }) => {
    if (type === 'file') got.sent.push(path);
  };
  await localSession(realFiles, 'one', root).fetch(undefined, take, copier);
  expect(busy(), 'a large one is waited for').toBe(false);
  return got;
}

const namesOf = (sizes: readonly number[]) => sizes.map((_, at) => `${at % 3}/${at}`).sort();

test('each file comes once, whichever way', async () => {
  const some = fc.array(fc.constantFrom(0, 5, 5, 5, 5, 2 * MiB, 20 * MiB), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(some, async (sizes) => {
      const { copied, large, sent } = await shares(await directory(sizes), sizes);
      expect([...copied, ...large, ...sent].sort()).toEqual(namesOf(sizes));
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['one', 0, 1],
  ['two', 1, 1],
  ['three', 1, 2],
] as const)('of %s large files the copier gets %i, while others are sent', async (_, large, sent) => {
  const sizes = Array.from({ length: large + sent }, () => 20 * MiB);
  const got = await shares(await directory(sizes), sizes);
  expect([got.large.length, got.sent.length]).toEqual([large, sent]);
});

test('while large files are to be sent, the copier has the small ones', async () => {
  const sizes = Array.from({ length: 640 }, (_, at) => (at % 64 === 0 ? 20 * MiB : 5));
  const got = await shares(await directory(sizes), sizes);
  expect([got.copied.length, got.sent.length + got.large.length]).toEqual([630, 10]);
  expect(got.together).toBeGreaterThan(0);
});
