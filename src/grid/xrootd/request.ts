import { nameToBytes } from '../../model/byte-name.ts';
import * as protocol from './protocol.ts';
import { type RequestName, requestId } from './protocol.ts';

/** A request without its stream id. */
export interface Request {
  readonly name: RequestName;
  /** The sixteen bytes between its number and its length. */
  readonly parameters: Uint8Array;
  readonly payload?: Uint8Array;
  /** The number of the bound socket over which data goes, either way; without one, it is that of the request. */
  readonly path?: number;
}

/** What names an open file in one session. */
export type FileHandle = Uint8Array;

const parameterBytes = 16;

/** The first twenty bytes of a connection (2.1): three zeroes, 4 and 2012. */
export const handshake: Uint8Array = integers(0, 0, 0, 4, 2012);

/** The head of a request; its payload follows it. */
export function requestHead(stream: number, { name, parameters, payload }: Request): Buffer {
  const head = Buffer.alloc(4 + parameterBytes + 4);
  head.writeUInt16BE(stream, 0);
  head.writeUInt16BE(requestId[name], 2);
  head.set(parameters, 4);
  head.writeInt32BE(payload?.length ?? 0, 20);
  return head;
}

/** What the server can do, and whether the connection is to be encrypted. */
export function protocolRequest(tls: 'able' | 'wanted', next: 'login' | 'bind'): Request {
  const { ableTls, wantTls, expectLogin, expectBind } = protocol.protocolRequest;
  return request('protocol', (at) => {
    at.writeInt32BE(protocol.protocolVersion, 0);
    at.writeUInt8(tls === 'wanted' ? ableTls | wantTls : ableTls, 4);
    at.writeUInt8(next === 'login' ? expectLogin : expectBind, 5);
  });
}

/** Who we are. Of the user's name the first eight bytes. */
export function loginRequest(user: string, processId: number, token: string): Request {
  const { fullUrl, bothFamilies, asynchronous, version } = protocol.loginAbility;
  return request(
    'login',
    (at) => {
      at.writeInt32BE(processId, 0);
      nameToBytes(user).copy(at, 4, 0, 8);
      at.writeUInt8(fullUrl | bothFamilies, 13);
      at.writeUInt8(asynchronous | version, 14);
    },
    nameToBytes(token),
  );
}

/** Proof of who we are, by a protocol of four letters. */
export function authRequest(kind: string, credentials: Uint8Array): Request {
  return request('auth', (at) => at.write(kind, 12, 4, 'latin1'), credentials);
}

/** Opens a file; its path may carry CGI. */
export function openRequest(path: string, options: number, mode: number): Request {
  return request(
    'open',
    (at) => {
      at.writeUInt16BE(mode, 0);
      at.writeUInt16BE(options, 2);
    },
    nameToBytes(path),
  );
}

/** Makes this connection one more socket of a session. */
export function bindRequest(session: Uint8Array): Request {
  return request('bind', (at) => at.set(session, 0));
}

/** Reads from an open file. The answer comes by the path, if one is named (read_args of 3.15: its number, and seven bytes for later). */
export function readRequest(file: FileHandle, offset: number, bytes: number, path = 0): Request {
  const args = path === 0 ? undefined : Buffer.from([path, 0, 0, 0, 0, 0, 0, 0]);
  return byPath(
    request('read', (at) => place(at, file, offset).writeInt32BE(bytes, 12), args),
    path,
  );
}

/** Reads pages with their checksums. */
export function pageReadRequest(file: FileHandle, offset: number, bytes: number, path = 0): Request {
  const args = path === 0 ? undefined : Buffer.from([path, 0]);
  return byPath(
    request('pgread', (at) => place(at, file, offset).writeInt32BE(bytes, 12), args),
    path,
  );
}

/** Writes to an open file. The bytes go by the path, if one is named. */
export function writeRequest(file: FileHandle, offset: number, bytes: Uint8Array, path = 0): Request {
  return byPath(
    request('write', (at) => place(at, file, offset).writeUInt8(path, 12), bytes),
    path,
  );
}

/** Writes pages with their checksums, as `pages.ts` lays them out. */
export function pageWriteRequest(file: FileHandle, offset: number, pages: Uint8Array, path = 0): Request {
  return byPath(
    request('pgwrite', (at) => place(at, file, offset).writeUInt8(path, 12), pages),
    path,
  );
}

/** Cuts or grows an open file. */
export function truncateRequest(file: FileHandle, bytes: number): Request {
  return request('truncate', (at) => place(at, file, bytes));
}

/** Makes durable, or closes, or looks at, an open file. */
export function fileRequest(name: 'sync' | 'close' | 'stat', file: FileHandle): Request {
  return request(name, (at) => at.set(file, name === 'stat' ? 12 : 0));
}

/** A request for a path and nothing else. */
export function pathRequest(name: 'stat' | 'rm' | 'rmdir', path: string): Request {
  return request(name, () => undefined, nameToBytes(path));
}

/** The names in a directory, with what stat says of each. */
export function listRequest(path: string): Request {
  return request('dirlist', (at) => at.writeUInt8(protocol.listWithStat, 15), nameToBytes(path));
}

/** Makes a directory, with its parents if wanted. */
export function makeDirectoryRequest(path: string, parents: boolean, mode: number): Request {
  return request(
    'mkdir',
    (at) => {
      at.writeUInt8(parents ? protocol.makeParents : 0, 0);
      at.writeUInt16BE(mode, 14);
    },
    nameToBytes(path),
  );
}

/** Renames. The first name's length says where the blank between the two is. */
export function moveRequest(from: string, to: string): Request {
  const first = nameToBytes(from);
  return request(
    'mv',
    (at) => at.writeInt16BE(first.length, 14),
    Buffer.concat([first, Buffer.from(' '), nameToBytes(to)]),
  );
}

/** Asks for a checksum, for settings or for statistics. */
export function queryRequest(kind: keyof typeof protocol.queryKind, argument: string): Request {
  return request('query', (at) => at.writeUInt16BE(protocol.queryKind[kind], 0), nameToBytes(argument));
}

/** Asks whether the server is there, and nothing else. */
export function pingRequest(): Request {
  return request('ping', () => undefined);
}

/** Ends another session of ours, whose open files are then closed. */
export function endSessionRequest(session: Uint8Array): Request {
  return request('endsess', (at) => at.set(session, 0));
}

function request(name: RequestName, fill: (at: Buffer) => unknown, payload?: Uint8Array): Request {
  const parameters = Buffer.alloc(parameterBytes);
  fill(parameters);
  return { name, parameters, ...(payload === undefined || payload.length === 0 ? {} : { payload }) };
}

function byPath(made: Request, path: number): Request {
  return path === 0 ? made : { ...made, path };
}

function place(at: Buffer, file: FileHandle, offset: number): Buffer {
  at.set(file, 0);
  at.writeBigInt64BE(BigInt(offset), 4);
  return at;
}

function integers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, index * 4);
  return bytes;
}
