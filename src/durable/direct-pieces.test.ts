import fc from 'fast-check';
import { expect, test } from 'vitest';
import { directPieces, pieceBytes } from './direct-pieces.ts';

const noise = Buffer.from(Array.from({ length: 8191 }, (_, index) => (index * index * 31) & 0xff));
/** Bytes in which no piece is like another. */
const content = (bytes: number) => Buffer.alloc(bytes, noise);

test('whatever the lengths of chunks: whole pieces in order, one at a time, and the rest', async () => {
  const lengths = fc.array(fc.oneof(fc.nat(2 * pieceBytes), fc.nat(5000), fc.constant(pieceBytes)), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lengths, async (chunks) => {
      const whole = content(chunks.reduce((sum, bytes) => sum + bytes, 0));
      const written: Buffer[] = [];
      let atOnce = 0;
      const pieces = directPieces(async (data) => {
        atOnce += 1;
        expect([atOnce, data.length]).toEqual([1, pieceBytes]);
        await new Promise(setImmediate);
        written.push(Buffer.from(data));
        atOnce -= 1;
        return true;
      });
      let at = 0;
      for (const bytes of chunks) {
        const chunk = Buffer.from(whole.subarray(at, at + bytes));
        await pieces.add(chunk);
        // It is used again by whom it came from.
        chunk.fill(0xee);
        at += bytes;
      }
      const rest = await pieces.end();
      expect(rest.length).toBeLessThan(pieceBytes);
      expect(Buffer.concat([...written, rest]).equals(whole)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a way that is refused is of no use', async () => {
  const pieces = directPieces(async () => false);
  expect(await pieces.add(content(pieceBytes))).toBe(true);
  expect(await pieces.add(content(pieceBytes))).toBe(false);
});

test('what goes wrong with the last piece is heard at the end', async () => {
  const pieces = directPieces(async () => {
    throw new Error('no');
  });
  await pieces.add(content(pieceBytes + 1));
  await expect(pieces.end()).rejects.toThrow('no');
});
