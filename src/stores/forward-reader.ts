import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { ByteRange, StoredObject } from '../store/store.ts';

/** Opens all of an object. */
export type OpenWhole = (object: StoredObject) => AsyncGenerator<Uint8Array>;

interface Kept {
  readonly key: StoreKey;
  readonly version: string;
  readonly chunks: AsyncGenerator<Uint8Array>;
  at: number;
  rest: Uint8Array;
}

/** How long a stream is kept for the next range. */
const keptMs = 3000;

/**
 * Reads ranges of objects that can only be read from their beginning. A stream that stands before the next range of the same object is read on, so that ranges in
 * ascending order cost one reading together.
 */
export function forwardReader(open: OpenWhole): (object: StoredObject, range: ByteRange) => AsyncGenerator<Uint8Array> {
  let kept: Kept | undefined;
  let timer: NodeJS.Timeout | undefined;
  const drop = (one: Kept | undefined) => void one?.chunks.return(undefined).catch(() => undefined);
  const take = (object: StoredObject, start: number): Kept => {
    clearTimeout(timer);
    const found = kept;
    kept = undefined;
    if (found?.key === object.key && found.version === object.version && found.at <= start) return found;
    drop(found);
    return { key: object.key, version: object.version, chunks: open(object), at: 0, rest: new Uint8Array(0) };
  };
  const keep = (one: Kept) => {
    drop(kept);
    kept = one;
    clearTimeout(timer);
    timer = setTimeout(() => {
      drop(kept);
      kept = undefined;
    }, keptMs);
  };
  return async function* (object, range) {
    if (range.start >= range.end) return;
    const one = take(object, range.start);
    let isWhole = false;
    try {
      while (one.at < range.end) {
        if (one.rest.length === 0) {
          const next = await one.chunks.next();
          if (next.done === true)
            throw new StowageError(
              'corrupt',
              `'${displayName(object.key)}' ends at byte ${one.at}, not at ${range.end}`,
            );
          one.rest = next.value;
          continue;
        }
        const skip = Math.min(one.rest.length, Math.max(0, range.start - one.at));
        const chunk = one.rest.subarray(skip, Math.min(one.rest.length, range.end - one.at));
        one.at += skip + chunk.length;
        one.rest = one.rest.subarray(skip + chunk.length);
        if (chunk.length > 0) yield chunk;
      }
      // At the very end the stream says whether it was whole.
      if (one.at === object.bytes && one.rest.length === 0) await one.chunks.next();
      isWhole = true;
    } finally {
      if (isWhole && one.at < object.bytes) keep(one);
      else drop(one);
    }
  };
}
