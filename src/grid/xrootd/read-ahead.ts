import { StowageError } from '../../errors.ts';
import type { CallOptions } from './name-space.ts';
import type { RemoteFile } from './remote-file.ts';

/** The bytes of an open file from an offset to an end, in order and in pieces, so many of which are asked for before they are taken. */
export async function* chunksOf(
  file: RemoteFile,
  from: number,
  end: number,
  chunkBytes: number,
  chunks: number,
  call: CallOptions,
): AsyncGenerator<Buffer> {
  const ahead: Promise<Uint8Array>[] = [];
  // Ended early, by an error or by who takes the bytes: what is under way is given up, and not left to reject with nobody there.
  const stopping = new AbortController();
  const signal = call.signal === undefined ? stopping.signal : AbortSignal.any([call.signal, stopping.signal]);
  let next = from;
  try {
    for (let at = from; at < end; ) {
      for (; next < end && ahead.length < chunks; next += chunkBytes) {
        const read = readWhole(file, next, Math.min(chunkBytes, end - next), { signal });
        read.catch(() => undefined);
        ahead.push(read);
      }
      const chunk = await ahead.shift()!;
      at += chunk.length;
      yield chunk as Buffer;
    }
  } finally {
    stopping.abort();
  }
}

/** All of these bytes; a server may give fewer at a time, but none only at the end of the file. */
async function readWhole(file: RemoteFile, offset: number, bytes: number, call: CallOptions): Promise<Uint8Array> {
  const place = Buffer.allocUnsafeSlow(bytes);
  for (let filled = 0; filled < bytes; ) {
    const got = await file.read(offset + filled, place.subarray(filled), call);
    if (got.length === 0) {
      throw new StowageError(
        'changed',
        `${file.url} ended at ${offset + filled} bytes, and was longer when it was opened`,
        {
          facts: { server: file.server, bytes: offset + filled },
        },
      );
    }
    filled += got.length;
  }
  return place;
}
