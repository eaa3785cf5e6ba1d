import { StowageError } from '../../errors.ts';
import { atOnceBytes, finishAndClose, readAndClose } from './at-once.ts';
import { inChunks } from './chunks.ts';
import { isLost } from './lost-connection.ts';
import { type CallOptions, removeFile } from './name-space.ts';
import { chunksOf } from './read-ahead.ts';
import { openToRead, openToWrite, type ReadOptions, type RemoteFile, type WriteOptions } from './remote-file.ts';
import type { Session } from './session.ts';

/** How a file is cut for its way. */
export interface ChunkOptions extends CallOptions {
  /** Length of one request; 4 MiB if nothing is said. */
  readonly chunkBytes?: number;
  /** Requests that are under way at once; 4 if nothing is said. */
  readonly chunks?: number;
  /** Sockets for the data of one file that takes more than one request; 1 if nothing is said. Fewer are used where the server gives no more. */
  readonly streams?: number;
}

/** Which part of a file, and how. */
export interface StreamOptions extends ChunkOptions, ReadOptions {
  readonly offset?: number;
  /** To the end if nothing is said. */
  readonly bytes?: number;
  /** Is shown what the server says of the file before anything is read, each time it is opened; what it throws ends the reading. */
  readonly opened?: (file: Pick<RemoteFile, 'stat' | 'server'>) => void;
}

const defaultChunkBytes = 4 << 20;
const defaultChunks = 4;

/**
 * The bytes of a file in order, several requests ahead of who takes them: memory is `chunks` × `chunkBytes`. Where the connection is lost it is opened again and read on, if it
 * still is the same file; else rejects with `changed`. Ends short only by throwing. What it yields is the caller's for good.
 */
export async function* readUrl(session: Session, url: string, options: StreamOptions = {}): AsyncGenerator<Buffer> {
  const { offset = 0, chunkBytes = defaultChunkBytes, streams = 1, signal } = options;
  const chunks = Math.max(options.chunks ?? defaultChunks, streams);
  const call = signal === undefined ? {} : { signal };
  let file = await openToRead(session, url, options);
  const first = file.stat;
  const end = options.bytes === undefined ? first.bytes : Math.min(first.bytes, offset + options.bytes);
  let at = offset;
  let lost = 0;
  let isAtOnce = end > offset && end - offset <= chunkBytes;
  const again = async (): Promise<void> => {
    file = await openToRead(session, url, options);
    options.opened?.(file);
    if (isSame(file, first)) return;
    throw new StowageError('changed', `${file.url} changed while it was read`, {
      hint: 'read it again from its beginning',
      facts: { server: file.server, bytesBefore: first.bytes, bytesNow: file.stat.bytes },
    });
  };
  try {
    options.opened?.(file);
    for (;;) {
      try {
        if (isAtOnce) {
          isAtOnce = false;
          const all = await readAndClose(file, at, end - at, call);
          if (all !== undefined) {
            yield all;
            return;
          }
          await again();
        }
        await file.spread(options.streams ?? 1);
        for await (const chunk of chunksOf(file, at, end, chunkBytes, chunks, call)) {
          at += chunk.length;
          lost = 0;
          yield chunk;
        }
        return;
      } catch (error) {
        if (!isLost(error) || lost >= session.limits.retries) throw error;
        lost += 1;
        await again();
      }
    }
  } finally {
    // All that was wanted is here, or another error is on its way; the server closes it at the latest with the connection. Nobody waits for that: of a small file it would be a third of the time.
    file.close().catch(() => undefined);
  }
}

/** On another server the same file has another id; its size and its time tell then. */
function isSame({ stat }: RemoteFile, first: RemoteFile['stat']): boolean {
  return stat.bytes === first.bytes && stat.modifiedSeconds === first.modifiedSeconds;
}

/**
 * Writes all bytes of a source to an open file from an offset on, several requests at once, and answers how many they were. It neither syncs nor closes. Rejects with the first failure,
 * when nothing is under way any more.
 */
export function writeAll(
  file: RemoteFile,
  source: AsyncIterable<Uint8Array>,
  options: ChunkOptions & { readonly offset?: number } = {},
): Promise<number> {
  return writeChunks(file, inChunks(source, options.chunkBytes ?? defaultChunkBytes), options);
}

async function writeChunks(
  file: RemoteFile,
  source: AsyncIterable<Uint8Array>,
  options: ChunkOptions & { readonly offset?: number },
): Promise<number> {
  const { offset = 0, streams = 1, signal } = options;
  // Each socket has something to do.
  const chunks = Math.max(options.chunks ?? defaultChunks, streams);
  await file.spread(streams);
  const call = signal === undefined ? {} : { signal };
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let at = offset;
  const send = async (chunk: Uint8Array): Promise<void> => {
    while (underWay.size >= chunks && failures.length === 0) await Promise.race(underWay);
    if (failures.length > 0) return;
    const write: Promise<void> = file
      .write(at, chunk, call)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(write));
    underWay.add(write);
    at += chunk.length;
  };
  try {
    for await (const chunk of source) {
      await send(chunk);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
  return at - offset;
}

/** How a new file is stored. */
export interface StoreOptions extends ChunkOptions, Pick<WriteOptions, 'pages' | 'mode'> {
  /** How many there will be. */
  readonly bytes?: number;
  /** Is given the whole of a file of at most 64 KiB as the server reads it before it is closed, if the server does that. What it throws is the failure of the storing. */
  readonly readBack?: (bytes: Uint8Array) => void;
}

/**
 * Stores all bytes of a source as a new file, and answers how many they were. A small one takes two round trips. Resolved: they are on the server's disk, it has closed the file and says that it has this size. Rejects with `exists` if the
 * name is taken. A failure leaves nothing under the name: it is removed; where that is
 * refused, or the connection was lost, the server removes it when the connection has ended, if it can (persist on close).
 */
export async function storeUrl(
  session: Session,
  url: string,
  source: AsyncIterable<Uint8Array>,
  options: StoreOptions = {},
): Promise<number> {
  const { signal } = options;
  const call = signal === undefined ? {} : { signal };
  const file = await openToWrite(session, url, { ...options, existing: 'refuse', persistOnClose: true });
  try {
    // One that is known to be small needs no large piece of memory. Only the last chunk is shorter than this.
    const { chunkBytes = defaultChunkBytes, bytes: wanted = Number.POSITIVE_INFINITY } = options;
    const length = Math.min(chunkBytes, Math.max(atOnceBytes, wanted) + 1);
    const chunks = inChunks(source, length);
    const first = (await chunks.next()).value ?? new Uint8Array();
    const isSmall = first.length <= Math.min(atOnceBytes, length - 1);
    const bytes = isSmall ? first.length : await writeChunks(file, following(first, chunks), options);
    if (options.bytes !== undefined && bytes !== options.bytes) {
      throw new StowageError(
        'changed',
        `what was to be stored as ${file.url} has ${bytes} bytes, and was to have ${options.bytes}`,
      );
    }
    const last = isSmall && bytes > 0 ? { offset: 0, bytes: first } : undefined;
    const held =
      (await finishAndClose(file, last, call, options.readBack)) ?? (await finishAgain(session, url, last, options));
    if (held !== bytes) {
      throw new StowageError('corrupt', `${file.url} has ${held} bytes after ${bytes} were written`, {
        facts: { server: file.server, held, bytes },
      });
    }
    return bytes;
  } catch (error) {
    // Without its connection it is not known whose the name is by now. To close it while it has its name would make it stay.
    if (!isLost(error)) {
      await removeFile(session, url).then(
        () => file.close().catch(() => undefined),
        () => undefined,
      );
    }
    throw error;
  }
}

/** The end of a file that was closed before it was whole, step by step; answers its size. */
async function finishAgain(
  session: Session,
  url: string,
  last: Parameters<typeof finishAndClose>[1],
  options: WriteOptions,
): Promise<number> {
  const { signal } = options;
  const call = signal === undefined ? {} : { signal };
  const file = await openToWrite(session, url, { ...options, existing: 'keep', persistOnClose: false });
  if (last !== undefined) await file.write(last.offset, last.bytes, call);
  await file.sync(call);
  const { bytes } = await file.look(call);
  await file.close(call);
  return bytes;
}

async function* following<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
