import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { StowageError } from '../../errors.ts';
import { networkReason } from '../network-reason.ts';
import { lostConnection, stopped } from './lost-connection.ts';
import { serverOf, type XrootdUrl } from './url.ts';

/** With what servers are verified, and what we show them. */
export interface TlsOptions {
  /** Certificates of authorities, PEM. Without any, those that Node.js has. */
  readonly authorities?: readonly string[];
  /** Our own certificate and its key, PEM, for servers that ask for one. */
  readonly certificate?: string;
  readonly key?: string;
}

interface Patience {
  readonly ms: number;
  readonly signal?: AbortSignal;
}

/** Connects by TCP. */
export function connectSocket(place: Pick<XrootdUrl, 'tls' | 'host' | 'port'>, patience: Patience): Promise<Socket> {
  const socket = connect({ host: place.host, port: place.port, noDelay: true, keepAlive: true });
  return ready(socket, 'connect', serverOf(place), patience);
}

/** Encrypts a connection. The certificate must be from an authority, in date, and for this host: there is no way around that. */
export function encryptSocket(plain: Socket, place: XrootdPlace, tls: TlsOptions, patience: Patience): Promise<Socket> {
  const options: ConnectionOptions = {
    socket: plain,
    host: place.host,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // A name for SNI; an address is none.
    ...(isIP(place.host) === 0 ? { servername: place.host } : {}),
    ...(tls.authorities === undefined ? {} : { ca: [...tls.authorities] }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
  return ready(connectTls(options), 'secureConnect', serverOf(place), patience);
}

type XrootdPlace = Pick<XrootdUrl, 'tls' | 'host' | 'port'>;

function ready(socket: Socket, event: string, server: string, { ms, signal }: Patience): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: StowageError) => {
      done();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const late = () => fail(unreachable(server, `no connection in ${ms / 1000} s`, { code: 'ETIMEDOUT' }));
    const onError = (error: Error) => fail(unreachable(server, networkReason(error), error));
    const onClose = () => fail(unreachable(server, 'the server closed the connection', { code: 'ECONNRESET' }));
    const onAbort = () => fail(stopped(`cannot connect to ${server}`, signal!));
    const onReady = () => {
      done();
      resolve(socket);
    };
    const timer = setTimeout(late, ms);
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('close', onClose).off(event, onReady);
    };
    socket.once('error', onError).once('close', onClose).once(event, onReady);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
  });
}

function unreachable(server: string, reason: string, cause: unknown): StowageError {
  const code = (cause as { code?: unknown }).code;
  const name = typeof code === 'string' ? code : 'EHOSTUNREACH';
  if (isDistrust(name)) {
    return new StowageError('refused', `cannot connect to ${server}: its certificate is not trusted: ${reason}`, {
      hint: 'give the certificates of the authority that signed it, and use the name of the host that is in it',
      facts: { server, tls: name, errno: 'EAUTH' },
      cause,
    });
  }
  const what = new StowageError('unavailable', reason, { facts: { errno: name, sent: false }, cause });
  return lostConnection('cannot connect', server, what);
}

/** What OpenSSL and Node.js say of a chain that does not hold, a date that is past, or a name that is another's. */
function isDistrust(code: string): boolean {
  return /CERT|ISSUER|LEAF_SIGNATURE|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ALTNAME/.test(code) && !/ALERT/.test(code);
}
