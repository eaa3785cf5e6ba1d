import { StowageError } from '../errors.ts';

/** A place in a stream of bytes that only moves forward. */
export interface ByteCursor {
  position(): number;
  /** The next bytes, at least one and none behind `end`, which must lie ahead. Throws `corrupt` if the stream has ended. */
  upTo(end: number): Promise<Uint8Array>;
  /** Throws `corrupt` if the stream ends before `target`. */
  skipTo(target: number): Promise<void>;
  /** Lets go of the stream, read to its end or not. */
  close(): Promise<void>;
}

/** A cursor over a stream whose first byte is at `start`. */
export function byteCursor(stream: AsyncIterable<Uint8Array>, start: number): ByteCursor {
  const iterator = stream[Symbol.asyncIterator]();
  let piece: Uint8Array = new Uint8Array();
  let at = start;

  async function upTo(end: number): Promise<Uint8Array> {
    while (piece.length === 0) {
      const next = await iterator.next();
      if (next.done) {
        throw new StowageError('corrupt', `the archive ends at byte ${at}, before a content that it should hold`, {
          facts: { position: at },
        });
      }
      piece = next.value;
    }
    const taken = piece.subarray(0, end - at);
    piece = piece.subarray(taken.length);
    at += taken.length;
    return taken;
  }

  return {
    position: () => at,
    upTo,
    async skipTo(target) {
      while (at < target) await upTo(target);
    },
    async close() {
      await iterator.return?.();
    },
  };
}
