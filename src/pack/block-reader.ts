import { StowageError } from '../errors.ts';
import { blockBytes } from './tar-header.ts';

/** Reads parts of an archive with some read-ahead, so that small members do not cost a request each. */
export interface BlockReader {
  /** The header block at `at`. Throws `corrupt` if the archive ends before it does. Valid until the next call. */
  block(at: number): Promise<Uint8Array>;
  /** So many bytes at `at`, as a copy. Throws `corrupt` if the archive ends before. The caller bounds `length`. */
  bytes(at: number, length: number): Promise<Uint8Array>;
}

const aheadBytes = 64 * 1024;

/** A reader over `read`, which gives exactly the range asked for (or throws) of an archive of `total` bytes. */
export function blockReader(read: (start: number, end: number) => Promise<Uint8Array>, total: number): BlockReader {
  let window: Uint8Array = new Uint8Array();
  let from = 0;

  async function part(at: number, length: number): Promise<Uint8Array> {
    if (at + length > total) {
      const facts = { position: at, bytes: total };
      throw new StowageError('corrupt', `the archive ends too early: at byte ${total}, inside what begins at ${at}`, {
        facts,
      });
    }
    if (at < from || at + length > from + window.length) {
      const end = Math.min(total, at + Math.max(length, aheadBytes));
      window = await read(at, end);
      from = at;
      if (window.length !== end - at) {
        const message = `bytes ${at} to ${end} of the archive were asked for, and ${window.length} came`;
        throw new StowageError('corrupt', message, { facts: { position: at } });
      }
    }
    return window.subarray(at - from, at - from + length);
  }

  return {
    block: (at) => part(at, blockBytes),
    bytes: async (at, length) => (await part(at, length)).slice(),
  };
}
