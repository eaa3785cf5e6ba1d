import { nameFromBytes } from '../../model/byte-name.ts';
import { nonsense } from './frame.ts';
import { type EntryStat, parseStat } from './stat.ts';
import { parseXrootdUrl } from './url.ts';

/** What the server says of itself as the connection begins. */
export interface ProtocolReply {
  readonly version: number;
  /** Of `serverFlag`. */
  readonly flags: number;
}

/** The reply to kXR_protocol. */
export function protocolReply(body: Uint8Array): ProtocolReply {
  const view = atLeast(body, 8, 'a reply to kXR_protocol');
  return { version: view.getInt32(0), flags: view.getUint32(4) };
}

/** The reply to kXR_login: the session's id, and what it wants as proof, such as `&P=unix`. */
export function loginReply(body: Uint8Array): { readonly session: Uint8Array; readonly security: string } {
  atLeast(body, 16, 'a reply to kXR_login');
  return { session: body.slice(0, 16), security: text(body.subarray(16)) };
}

/** The reply to kXR_bind: the number of the path. */
export function bindReply(body: Uint8Array): number {
  return atLeast(body, 1, 'a reply to kXR_bind').getUint8(0);
}

/** The reply to kXR_open with stat: the handle, and what is open. */
export function openReply(body: Uint8Array): { readonly handle: Uint8Array; readonly stat: EntryStat | undefined } {
  atLeast(body, 4, 'a reply to kXR_open');
  // The compression's size and kind stand between the handle and the stat; nobody compresses.
  const said = text(body.subarray(12));
  return { handle: body.slice(0, 4), stat: said === '' ? undefined : parseStat(said) };
}

/** Where to ask instead. */
export interface Redirect {
  /** Undefined: as before. Only a redirect by a whole URL says. */
  readonly tls?: boolean;
  readonly host: string;
  readonly port: number;
  /** Undefined: as before. */
  readonly path?: string;
  /** To be added to the path's. */
  readonly cgi: string;
  /** To be shown at the login there. */
  readonly token: string;
}

/** The body of a kXR_redirect (2.4.7): port and `host[?cgi[?token]]`, or a negative port and a whole URL. */
export function redirectReply(body: Uint8Array): Redirect {
  const view = atLeast(body, 4, 'a redirect');
  const port = view.getInt32(0);
  const said = text(body.subarray(4));
  const [place = '', cgi = '', ...tokens] = said.split('?');
  const token = tokens.join('?');
  try {
    if (port < 0) {
      const { tls, host, port: urlPort, path } = parseXrootdUrl(place);
      return { tls, host, port: urlPort, ...(path === '/' ? {} : { path }), cgi, token };
    }
    const bare = place.includes(':') && !place.startsWith('[') ? `[${place}]` : place;
    const url = parseXrootdUrl(`root://${bare}:${port}/`);
    return { host: url.host, port: url.port, cgi, token };
  } catch {
    throw nonsense('a redirect to no host');
  }
}

/** The body of a kXR_error: its number and its text. */
export function errorReply(body: Uint8Array): { readonly number: number; readonly text: string } {
  const view = atLeast(body, 4, 'an error');
  return { number: view.getInt32(0), text: text(body.subarray(4)) };
}

/** Seconds of a kXR_wait or kXR_waitresp, not below 0. */
export function waitReply(body: Uint8Array): number {
  return Math.max(0, atLeast(body, 4, 'a wait').getInt32(0));
}

/** The reply to kXR_query for a checksum: its kind and its hexadecimal digits. */
export function checksumReply(body: Uint8Array): { readonly kind: string; readonly value: string } {
  const [kind = '', value = ''] = text(body).trim().split(/\s+/);
  if (!/^[\w-]+$/.test(kind) || !/^[0-9a-f]+$/i.test(value)) throw nonsense('something that is no checksum');
  return { kind: kind.toLowerCase(), value: value.toLowerCase() };
}

/** The reply to kXR_query for settings: a line for each that was asked for. */
export function configReply(body: Uint8Array): readonly string[] {
  return text(body).replace(/\n$/, '').split('\n');
}

/** Text of a reply; the zero at its end is no part of it. */
export function text(body: Uint8Array): string {
  const end = body.indexOf(0);
  return nameFromBytes(end < 0 ? body : body.subarray(0, end));
}

function atLeast(body: Uint8Array, bytes: number, what: string): DataView {
  if (body.length < bytes) throw nonsense(`${what} of ${body.length} bytes`);
  return new DataView(body.buffer, body.byteOffset, body.length);
}
