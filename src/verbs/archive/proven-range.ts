import { createHash } from 'node:crypto';
import { isStowageError } from '../../errors.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { ByteRange, Source } from '../../store/store.ts';

/** So many bytes are kept while it is seen whether they are right; what is longer is read twice. */
const keptBytes = 8 << 20;

/**
 * The bytes of a range that have this SHA-256, from whichever copy of the object has them: a copy that fails or lies is passed over before anything of it is given away. Where no copy has them, or
 * the store has but one, the bytes are as the store gives them, and who takes them sees that they are not right.
 */
export async function provenRange(
  source: Source,
  key: StoreKey,
  range: ByteRange,
  sha256: string,
  copiesOf: () => Promise<readonly string[]> = copiesOnce(source, key),
): Promise<AsyncIterable<Uint8Array>> {
  const asGiven = () => source.get(key, { range });
  const copies = await copiesOf();
  if (copies.length < 2) return asGiven();
  const keeps = range.end - range.start <= keptBytes;
  for (const copy of copies) {
    const open = () => source.get(key, { range, copy });
    const chunks: Uint8Array[] = [];
    const hash = createHash('sha256');
    try {
      for await (const chunk of await open()) {
        hash.update(chunk);
        if (keeps) chunks.push(Uint8Array.from(chunk));
      }
      if (hash.digest('hex') === sha256) return keeps ? given(chunks) : await open();
    } catch (error) {
      // Another may be in reach, and be right.
      if (!isStowageError(error, 'unavailable', 'missing', 'corrupt')) throw error;
    }
  }
  return asGiven();
}

/** What the copies of an object are called, asked for once. None where the store has but one, or cannot say. */
export function copiesOnce(source: Source, key: StoreKey): () => Promise<readonly string[]> {
  let asked: Promise<readonly string[]> | undefined;
  return () => {
    asked ??= copiesOf(source, key);
    return asked;
  };
}

async function copiesOf(source: Source, key: StoreKey): Promise<readonly string[]> {
  try {
    return (await source.copies?.(key)) ?? [];
  } catch (error) {
    // Reading tells what is wrong.
    if (isStowageError(error, 'unavailable', 'missing')) return [];
    throw error;
  }
}

async function* given(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
