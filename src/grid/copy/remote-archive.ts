import { openToRead } from '../xrootd/remote-file.ts';
import type { Session } from '../xrootd/session.ts';
import { readUrl } from '../xrootd/transfers.ts';
import { tailBytes, type ZipArchive } from '../zip/zip-archive.ts';
import type { ReadingOptions } from './read-replicas.ts';
import type { ReplicaToRead } from './replica-set.ts';
import { atLeast } from './slow-watch.ts';

/** An archive on a storage element, of which only the ranges asked for are read. */
export async function remoteArchive(
  xrootd: Session,
  { url }: ReplicaToRead,
  { signal, chunks, chunkBytes, lowestRate }: ReadingOptions,
): Promise<ZipArchive> {
  const call = signal === undefined ? {} : { signal };
  const file = await openToRead(xrootd, url, call);
  const { bytes } = file.stat;
  let tail: Uint8Array;
  try {
    const length = Math.min(bytes, tailBytes);
    tail = await file.read(bytes - length, Buffer.alloc(length), call);
  } finally {
    file.close().catch(() => undefined);
  }
  const how = {
    ...(chunks === undefined ? {} : { chunks }),
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
  };
  return {
    bytes,
    tail: Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength),
    stream(offset, length) {
      const open = (stop?: AbortSignal) => {
        const signals = [signal, stop].filter((one) => one !== undefined);
        const until = signals.length === 0 ? {} : { signal: AbortSignal.any(signals) };
        return readUrl(xrootd, url, { ...how, ...until, offset, bytes: length });
      };
      return lowestRate === undefined ? open() : atLeast(open, lowestRate);
    },
  };
}
