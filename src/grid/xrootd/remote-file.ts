import { StowageError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { answerBytes } from './limits.ts';
import { type CallOptions, refuseUnsendable } from './name-space.ts';
import { bytesAsPages, decodePages, encodePages, statusOffset } from './pages.ts';
import type { Wanted } from './pending.ts';
import { openOption } from './protocol.ts';
import { openReply, text } from './reply.ts';
import * as request from './request.ts';
import type { Session } from './session.ts';
import { type EntryStat, parseStat } from './stat.ts';
import { displayUrl, fullPath, parseXrootdUrl } from './url.ts';

/**
 * A file that is open on a server. It ends with its connection, or when it is closed: then every call rejects, and it must be opened again. What is asked is sent at once and in this order, without waiting for the
 * answers before it.
 */
export interface RemoteFile {
  /** For messages: the URL without its CGI. */
  readonly url: string;
  /** The server that has it, which may be another than that of the URL. */
  readonly server: string;
  /** As the server said when it was opened. */
  readonly stat: EntryStat;
  /** Reads into this place from an offset; answers the part of it that was filled, which is shorter only at the end of the file. */
  read(offset: number, into: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Resolves when the server has taken the bytes, which must not change before. */
  write(offset: number, bytes: Uint8Array, options?: CallOptions): Promise<void>;
  /** Resolves when what was written is on the server's disk. */
  sync(options?: CallOptions): Promise<void>;
  /**
   * Lets the data of reads and writes go over so many sockets from now on, if the server gives them, and answers how many it are. Then a write may be done after what was asked behind it, until it is answered.
   */
  spread(streams: number): Promise<number>;
  truncate(bytes: number, options?: CallOptions): Promise<void>;
  /** What the server says of it now. */
  look(options?: CallOptions): Promise<EntryStat>;
  /** Resolves when the server has closed it. A file that was made to go unless it is closed stays from here on. Asked twice, it is closed once. */
  close(options?: CallOptions): Promise<void>;
}

/** How to open a file for reading. */
export interface ReadOptions extends CallOptions {
  /** With a checksum of each page. Without saying: where the server offers it and nothing else guards the bytes, as encryption does. */
  readonly pages?: boolean;
}

/** How to open a file for writing. */
export interface WriteOptions extends ReadOptions {
  /** What to do with a file that is there: refuse (the default), write over what it holds, or empty it first. */
  readonly existing?: 'refuse' | 'keep' | 'replace';
  /** Permissions of a new file. */
  readonly mode?: number;
  /** The server removes the file unless it is closed in order. */
  readonly persistOnClose?: boolean;
}

/** Opens a file to read. Rejects with `missing`. */
export function openToRead(session: Session, url: string, options: ReadOptions = {}): Promise<RemoteFile> {
  return open(session, url, openOption.read | openOption.returnStat, 0, true, options);
}

/** Opens a file to write, making the directories above it. Rejects with `exists` unless told what to do with what is there. */
export function openToWrite(session: Session, url: string, options: WriteOptions = {}): Promise<RemoteFile> {
  const { existing = 'refuse', mode = 0o644, persistOnClose = false } = options;
  const how = { refuse: openOption.new, keep: 0, replace: openOption.delete }[existing];
  const flags =
    openOption.update |
    openOption.returnStat |
    openOption.makePath |
    how |
    (persistOnClose ? openOption.persistOnClose : 0);
  return open(session, url, flags, mode, existing !== 'refuse', options);
}

async function open(
  session: Session,
  text: string,
  flags: number,
  mode: number,
  isRepeatable: boolean,
  { signal, pages }: ReadOptions,
): Promise<RemoteFile> {
  const url = parseXrootdUrl(text);
  refuseUnsendable(url);
  const { body, connection, target } = await session.ask({
    url,
    what: `cannot open ${displayUrl(url)}`,
    isRepeatable,
    mostBytes: answerBytes,
    request: (at) => request.openRequest(fullPath(at), flags, mode),
    ...(signal === undefined ? {} : { signal }),
  });
  const { handle, stat } = openReply(body);
  const usesPages = connection.hasPages && (pages ?? !connection.isEncrypted);
  const file = remoteFile(session, connection, handle, displayUrl(target), usesPages);
  return { ...file, stat: stat ?? (await file.look()), url: displayUrl(url) };
}

function remoteFile(
  session: Session,
  connection: Connection,
  handle: Uint8Array,
  name: string,
  usesPages: boolean,
): Omit<RemoteFile, 'stat'> {
  const wanted = (verb: string, { signal }: CallOptions): Wanted => ({
    what: `cannot ${verb} ${name}`,
    mostBytes: answerBytes,
    ...(signal === undefined ? {} : { signal }),
  });

  // What names the file is given to another when it is closed: then nothing more is asked by it.
  let closing: Promise<Uint8Array> | undefined;
  const isOver = () => closing !== undefined;
  const ask = (asked: request.Request, want: Wanted) => session.askThere(connection, asked, want, isOver);

  let paths: readonly number[] = [0];
  let turn = 0;
  const nextPath = () => paths[turn++ % paths.length]!;

  async function readPages(offset: number, into: Uint8Array, want: Wanted): Promise<Uint8Array> {
    let filled = 0;
    const pages = (body: Uint8Array, data: Uint8Array): void => {
      const at = statusOffset(body, want.what);
      if (at !== offset + filled)
        throw new StowageError('unavailable', `${want.what}: ${connection.server} sent another part`);
      filled += decodePages(at, data, into.subarray(filled), want.what);
    };
    const most = bytesAsPages(into.length);
    await ask(request.pageReadRequest(handle, offset, into.length, nextPath()), {
      ...want,
      pages,
      pageBytes: most,
    });
    return into.subarray(0, filled);
  }

  return {
    url: name,
    server: connection.server,
    async read(offset, into, options = {}) {
      const want = wanted('read', options);
      if (into.length === 0) return into;
      if (usesPages) return readPages(offset, into, want);
      return ask(request.readRequest(handle, offset, into.length, nextPath()), { ...want, into });
    },
    async write(offset, bytes, options = {}) {
      const want = wanted('write', options);
      if (!usesPages) {
        await ask(request.writeRequest(handle, offset, bytes, nextPath()), want);
        return;
      }
      let refused = 0;
      const pages = (body: Uint8Array, data: Uint8Array): void => {
        statusOffset(body, want.what);
        refused += data.length;
      };
      const sent = request.pageWriteRequest(handle, offset, encodePages(offset, bytes), nextPath());
      await ask(sent, { ...want, pages, pageBytes: answerBytes });
      if (refused === 0) return;
      throw new StowageError(
        'corrupt',
        `${want.what}: ${connection.server} got other bytes than were sent, at ${offset}`,
        {
          hint: 'run it again; if it happens again, the network damages data',
          facts: { server: connection.server, errno: 'EDOM' },
        },
      );
    },
    async sync(options = {}) {
      await ask(request.fileRequest('sync', handle), wanted('make durable', options));
    },
    async spread(streams) {
      if (streams > 1) paths = [0, ...(await connection.paths(streams - 1))];
      return paths.length;
    },
    async truncate(bytes, options = {}) {
      await ask(request.truncateRequest(handle, bytes), wanted('cut', options));
    },
    async look(options = {}) {
      return parseStat(text(await ask(request.fileRequest('stat', handle), wanted('look at', options))));
    },
    async close(options = {}) {
      closing ??= session.askThere(connection, request.fileRequest('close', handle), wanted('close', options));
      await closing;
    },
  };
}
