import { existsSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writesDirectly } from '../../test/direct-writing.ts';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { hasDirectWriting } from './direct-file.ts';
import { directMemory } from './direct-pieces.ts';
import { realFiles } from './real-files.ts';

// Where the tests' disk does not take it, all must be there all the same.
const isDirect = hasDirectWriting && (await writesDirectly());

/** Memory as it must be for this way, filled with bytes in which no block is like another; or as it must not be, a byte behind. */
function filled(bytes: number, seed: number, misplaced = 0): Uint8Array {
  const memory = directMemory(bytes + misplaced).subarray(misplaced);
  for (let at = 0; at < bytes; at += 1) memory[at] = (at * 31 + (at >> 9) * 7 + seed) & 0xff;
  return memory;
}

async function fresh() {
  const path = `${await scratchFolder()}/a`;
  return { path, file: await realFiles.open(path, 'wx') };
}

describe('past the page cache', () => {
  const { test } = needing(hasDirectWriting);

  test('blocks go there one behind the other, whatever was written before in the other way, and the rest behind them', async () => {
    const { path, file } = await fresh();
    const parts = [filled(8192, 1), filled(4096, 2), filled(1 << 20, 3), filled(777, 4), filled(4096, 5)];
    await file.write(parts[0]!);
    expect(await file.writeDirect!(parts[1]!)).toBe(isDirect);
    expect(await file.writeDirect!(parts[2]!)).toBe(isDirect);
    await file.write(parts[3]!);
    await file.write(parts[4]!);
    await file.sync();
    expect((await file.stat()).size).toBe(BigInt(8192 + 4096 + (1 << 20) + 777 + 4096));
    await file.close();
    expect(readFileSync(path).equals(Buffer.concat(parts))).toBe(true);
  });

  test('memory that the disk does not take is written all the same, and so is all that follows', async () => {
    const { path, file } = await fresh();
    const parts = [filled(4096, 1), filled(8192, 2, 1), filled(4096, 3), filled(5, 4)];
    const ways: boolean[] = [];
    for (const part of parts) ways.push(await file.writeDirect!(part));
    await file.close();
    expect(ways).toEqual([isDirect, false, false, false]);
    expect(readFileSync(path).equals(Buffer.concat(parts))).toBe(true);
  });

  test.each([
    ['a length', [filled(4096, 1), filled(4097, 2), filled(4096, 3)]],
    ['a place', [filled(4096, 1), filled(512, 2), filled(4096, 3)]],
  ])('%s that is no whole number of blocks as well', async (_, parts) => {
    const { path, file } = await fresh();
    const ways: boolean[] = [];
    for (const part of parts) ways.push(await file.writeDirect!(part));
    await file.close();
    expect(ways).toEqual([isDirect, false, false]);
    expect(readFileSync(path).equals(Buffer.concat(parts))).toBe(true);
  });

  test('another file that has got its name meanwhile is left alone', async () => {
    const { path, file } = await fresh();
    renameSync(path, `${path}.moved`);
    writeFileSync(path, 'not ours');
    expect(await file.writeDirect!(filled(4096, 1))).toBe(false);
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('not ours');
    expect(readFileSync(`${path}.moved`).equals(filled(4096, 1))).toBe(true);
  });

  test('a name that has gone meanwhile as well', async () => {
    const { path, file } = await fresh();
    rmSync(path);
    expect(await file.writeDirect!(filled(4096, 1))).toBe(false);
    expect((await file.stat()).size).toBe(4096n);
    await file.close();
  });
});

const memoryDisk = '/dev/shm';
const hasMemoryDisk = existsSync(memoryDisk) && statfsSync(memoryDisk).type === 0x01021994;

needing(hasMemoryDisk && hasDirectWriting).test(
  'a disk that is memory is written through the page cache, which it is',
  async () => {
    const path = `${memoryDisk}/stowage-test-${process.pid}`;
    try {
      const file = await realFiles.open(path, 'wx');
      expect(await file.writeDirect!(filled(8192, 1))).toBe(false);
      await file.write(filled(3, 2));
      await file.close();
      expect(readFileSync(path).equals(Buffer.concat([filled(8192, 1), filled(3, 2)]))).toBe(true);
    } finally {
      rmSync(path, { force: true });
    }
  },
);

test('only a new file has this way', async () => {
  const { path, file } = await fresh();
  await file.close();
  for (const flags of ['w', 'a'] as const) {
    const again = await realFiles.open(path, flags);
    expect(again.writeDirect).toBeUndefined();
    await again.close();
  }
});

test('in whatever order the two ways are gone, all is there', async () => {
  const steps = fc.array(
    fc.record({ bytes: fc.constantFrom(0, 1, 511, 512, 4095, 4096, 4097, 65536), direct: fc.boolean() }),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { path, file } = await fresh();
      const parts = all.map(({ bytes }, index) => filled(bytes, index));
      for (const [index, { direct }] of all.entries())
        await (direct && file.writeDirect !== undefined ? file.writeDirect : file.write)(parts[index]!);
      await file.close();
      expect(readFileSync(path).equals(Buffer.concat(parts))).toBe(true);
    }),
    { numRuns: 60 },
  );
});
