import { isIPv6 } from 'node:net';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

/** A place on an XRootD server. */
export interface XrootdUrl {
  /** `roots:`: encrypted, from the first byte that matters, or not at all. */
  readonly tls: boolean;
  readonly user?: string;
  /** A name or an address; that of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Absolute; as it is, for nothing in it is percent-encoded. */
  readonly path: string;
  /** What stands behind the question mark, as it is: `authz=…` and the like. A secret: never told in a message. */
  readonly cgi: string;
}

/** The port that IANA has for XRootD. */
export const defaultPort = 1094;

const form = /^(x?roots?):\/\/(?:([^@/?]*)@)?(\[[^\]]*\]|[^:/?@]*)(?::(\d{1,5}))?(?:\/([^?]*))?(?:\?(.*))?$/s;

/** Reads `root://host//path?cgi`, or with `roots`, `xroot`, `xroots`. A path behind one slash is absolute too. Throws `usage` for anything else. */
export function parseXrootdUrl(text: string): XrootdUrl {
  const shown = displayName(withoutCgi(text)).slice(0, 200);
  const match = form.exec(text);
  if (match === null) {
    throw new StowageError('usage', `'${shown}' is no URL of an XRootD server`, {
      hint: 'it looks like root://host:1094//path, or roots:// for an encrypted connection',
    });
  }
  const [, scheme, credentials, bracketed, digits, rest = '', cgi = ''] = match;
  const host = bracketed!.startsWith('[') ? bracketed!.slice(1, -1) : bracketed!;
  const port = digits === undefined ? defaultPort : Number(digits);
  const isHost = bracketed!.startsWith('[') ? isIPv6(host) : /^[\w.-]+$/.test(host);
  if (!isHost || port < 1 || port > 65_535) {
    throw new StowageError('usage', `'${shown}' names no host and port`);
  }
  // A password has no place in this protocol; what looks like one is not sent.
  const user = credentials?.split(':')[0];
  return {
    tls: scheme!.endsWith('s'),
    ...(user === undefined || user === '' ? {} : { user }),
    host,
    port,
    path: rest.startsWith('/') ? rest : `/${rest}`,
    cgi,
  };
}

/** The server alone, as messages name it: `root://host:1094`. */
export function serverOf({ tls, host, port }: Pick<XrootdUrl, 'tls' | 'host' | 'port'>): string {
  return `${tls ? 'roots' : 'root'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The URL for a message, without what is secret. */
export function displayUrl(url: XrootdUrl): string {
  return `${serverOf(url)}/${displayName(url.path)}`;
}

/** The path with its CGI, as requests carry it. */
export function fullPath({ path, cgi }: Pick<XrootdUrl, 'path' | 'cgi'>): string {
  return cgi === '' ? path : `${path}?${cgi}`;
}

/** Two pieces of CGI as one. */
export function joinCgi(...pieces: readonly string[]): string {
  return pieces
    .map((piece) => piece.replace(/^[?&]+|&+$/g, ''))
    .filter((piece) => piece !== '')
    .join('&');
}

/** The value of a key of the CGI. */
export function cgiValue(cgi: string, key: string): string | undefined {
  const found = cgi.split('&').find((piece) => piece.startsWith(`${key}=`));
  return found?.slice(key.length + 1);
}

function withoutCgi(text: string): string {
  return text.split('?', 1)[0]!;
}
