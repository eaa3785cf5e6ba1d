import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { StowageError } from '../../errors.ts';
import { storeKey } from '../../model/store-key.ts';
import { memoryStore } from '../../store/memory-store.ts';
import type { Source } from '../../store/store.ts';
import { provenRange } from './proven-range.ts';

const key = storeKey('data/d.tar');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A store with copies of one object; each gives its bytes, or fails where it has none. */
async function storeWith(copies: Readonly<Record<string, Buffer | undefined>>): Promise<Source> {
  const store = memoryStore();
  const [first] = Object.values(copies).filter((one) => one !== undefined);
  for await (const _ of store.publish([await store.write(key, [first!])]));
  return {
    ...store,
    copies: async () => Object.keys(copies),
    async get(_key, { range, copy } = {}) {
      const bytes = copies[copy ?? Object.keys(copies)[0]!];
      if (bytes === undefined) throw new StowageError('unavailable', 'it is away');
      return (async function* () {
        yield bytes.subarray(range?.start, range?.end);
      })();
    },
  };
}

test.each([
  ['short', 100],
  ['long', (8 << 20) + 100],
])('a %s range comes from the copy that has it, whichever of them fail or lie', async (_, length) => {
  const right = Buffer.alloc(length + 20, 'right');
  const wrong = Buffer.alloc(length + 20, 'wrong');
  const range = { start: 7, end: 7 + length };
  const wanted = sha256(right.subarray(range.start, range.end));
  const readFrom = async (copies: Readonly<Record<string, Buffer | undefined>>) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await provenRange(await storeWith(copies), key, range, wanted)) chunks.push(chunk);
    return sha256(Buffer.concat(chunks));
  };
  expect(await readFrom({ A: right, B: wrong })).toBe(wanted);
  expect(await readFrom({ A: wrong, B: right })).toBe(wanted);
  expect(await readFrom({ A: undefined, B: wrong, C: right })).toBe(wanted);
  // None is right: who takes it is to see that.
  expect(await readFrom({ A: wrong, B: wrong })).not.toBe(wanted);
  await expect(readFrom({ A: undefined, B: wrong })).rejects.toThrow('it is away');
});
