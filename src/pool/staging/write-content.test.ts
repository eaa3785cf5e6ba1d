import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countingFiles, failingFiles } from '../../../test/failing-files.ts';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { quickFiles } from '../../../test/small-project.ts';
import { hasDirectWriting } from '../../durable/direct-file.ts';
import { pieceBytes } from '../../durable/direct-pieces.ts';
import type { FileOperations, OpenFile } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { directFrom, writeContent } from './write-content.ts';

const MiB = 1024 * 1024;
const noise = Buffer.from(Array.from({ length: 65_521 }, (_, index) => (index * index * 31 + (index >> 7)) & 0xff));
const contentOf = (bytes: number) => Buffer.alloc(bytes, noise);

/** A disk that can be written in this way, whatever that of the tests can; it refuses from the `refused`-th piece on. */
function disk(refused = Number.POSITIVE_INFINITY): FileOperations {
  return {
    ...quickFiles,
    async open(path, flags, mode): Promise<OpenFile> {
      const file = await quickFiles.open(path, flags, mode);
      let pieces = 0;
      return {
        ...file,
        async writeDirect(data) {
          await file.write(data);
          pieces += 1;
          return pieces < refused;
        },
      };
    },
  };
}

/** As a source does that reads ahead: the memory of a piece is filled again once the next but one is asked for. */
async function* inPieces(whole: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const given: Buffer[] = [];
  for (let at = 0; at < whole.length; at += given.at(-1)!.length) {
    given.at(-2)?.fill(0xee);
    given.push(Buffer.from(whole.subarray(at, at + lengths[given.length % lengths.length]!)));
    yield given.at(-1)!;
  }
}

/** Writes it, and gives the steps. */
async function written(files: FileOperations, whole: Buffer, lengths: readonly number[], bytes = whole.length) {
  const path = `${await scratchFolder()}/a`;
  const counted = countingFiles(files);
  const file = await counted.files.open(path, 'wx');
  try {
    const sha256 = await writeContent(file, inPieces(whole, lengths), bytes);
    expect(sha256).toBe(createHash('sha256').update(whole).digest('hex'));
  } finally {
    await file.close();
  }
  expect(readFileSync(path).equals(whole)).toBe(true);
  return counted.log.filter((line) => line.startsWith('write '));
}

const isDirect = (line: string) => line.endsWith(' directly');

test.each([directFrom, directFrom + 1, directFrom + 4096, directFrom + pieceBytes - 1, directFrom + 3 * pieceBytes])(
  'a file of %d bytes goes past the page cache, all whole pieces of it',
  async (bytes) => {
    const log = await written(disk(), contentOf(bytes), [65_536, 70_001, 3]);
    expect(log.filter(isDirect)).toHaveLength(Math.floor(bytes / pieceBytes));
    expect(log.length - log.filter(isDirect).length).toBe(bytes % pieceBytes === 0 ? 0 : 1);
  },
);

needing(hasDirectWriting).test.each([directFrom, directFrom + pieceBytes + 513])(
  'on the disk of the tests too, as far as that takes it: %d bytes',
  async (bytes) => {
    const log = await written(realFiles, contentOf(bytes), [MiB, 65_536, 1]);
    expect(log.filter(isDirect)).not.toEqual([]);
  },
);

test('a smaller file, and a disk that has no such way, are written as ever', async () => {
  expect((await written(disk(), contentOf(directFrom - 1), [65_536])).filter(isDirect)).toEqual([]);
  const without: FileOperations = {
    ...quickFiles,
    async open(path, flags, mode) {
      const { writeDirect: _, ...file } = await quickFiles.open(path, flags, mode);
      return file;
    },
  };
  expect((await written(without, contentOf(directFrom + 9), [MiB, 65_536])).filter(isDirect)).toEqual([]);
});

test.each([1, 2, 3])('refused at piece %d: it is not tried much longer, and nothing is lost', async (refused) => {
  const log = await written(disk(refused), contentOf(directFrom + 5 * pieceBytes + 9), [65_536, MiB, 700_000]);
  expect(log.filter(isDirect).length).toBeGreaterThanOrEqual(refused);
  expect(log.filter(isDirect).length).toBeLessThanOrEqual(refused + 2);
});

test('whatever the lengths of pieces, and wherever it is refused: these bytes, and their digest', async () => {
  const length = fc.oneof(fc.integer({ min: 1000, max: 2 * MiB }), fc.constantFrom(65_536, MiB / 2, MiB));
  const lengths = fc.array(length, { minLength: 1, maxLength: 6 });
  const refused = fc.option(fc.integer({ min: 1, max: 3 }));
  await fc.assert(
    fc.asyncProperty(fc.nat(4 * pieceBytes), lengths, refused, async (bytes, some, at) => {
      // Of a source that says it has much.
      await written(at === null ? quickFiles : disk(at), contentOf(bytes), some, directFrom);
    }),
    { numRuns: 15 },
  );
});

test('a disk that is slow to take a piece gets that piece, and not what comes into its memory', async () => {
  const path = `${await scratchFolder()}/a`;
  const file = await quickFiles.open(path, 'wx');
  const slow: Pick<OpenFile, 'write' | 'sync'> = {
    async write(data) {
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      await file.write(data);
    },
    sync: async () => {},
  };
  const whole = contentOf(9 * MiB);
  const sha256 = await writeContent(slow, inPieces(whole, [MiB, 65_536, 700_000, 1]), whole.length);
  await file.close();
  expect(sha256).toBe(createHash('sha256').update(whole).digest('hex'));
  expect(readFileSync(path).equals(whole)).toBe(true);
});

test.each(['ENOSPC', 'EIO'])('%s at any step is told as it is', async (error) => {
  const whole = contentOf(directFrom + 2 * pieceBytes + 5);
  const steps = (await written(disk(), whole, [65_536])).length;
  for (let at = 2; at <= steps + 1; at += 1) {
    const file = await failingFiles(disk(), { at, error, torn: true }).open(`${await scratchFolder()}/a`, 'wx');
    const writing = writeContent(file, inPieces(whole, [65_536]), whole.length);
    await expect(writing, `step ${at}`).rejects.toMatchObject({ code: error });
    await file.close();
  }
});
