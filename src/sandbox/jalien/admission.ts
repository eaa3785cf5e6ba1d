import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { homeOf, type Session, type World } from './world.ts';

const statusTexts: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Not Found',
  503: 'Service Unavailable',
};

/** A session for who knocks, or the HTTP status with which he is sent away: 401 for a certificate of nobody in the virtual organisation. */
export function admit(
  request: IncomingMessage,
  world: World,
): { readonly session: Session; readonly plain: boolean } | { readonly status: number } {
  const [path] = (request.url ?? '').split('?');
  if (path !== '/websocket/json' && path !== '/websocket/plain') return { status: 404 };
  const socket = request.socket as TLSSocket;
  const { raw } = socket.getPeerCertificate();
  if (raw === undefined) return { status: 401 };
  const certificate = new X509Certificate(raw);
  const parts = certificate.subject.split('\n').map((one) => one.split('=', 2) as [string, string]);
  const part = (key: string): string | undefined => parts.filter(([name]) => name === key).at(-1)?.[1];
  const user = part('CN');
  if (!['JAliEn', 'AliEn2'].includes(part('O') ?? '') || user === undefined || !world.users.has(user)) {
    return { status: 401 };
  }
  const home = homeOf(world.organisation, user);
  const subject = certificate.subject.split('\n').reverse().join(', ');
  return {
    plain: path === '/websocket/plain',
    session: {
      user,
      home,
      certificate: { subject, expiresMs: Date.parse(certificate.validTo) },
      from: socket.remoteAddress ?? 'localhost',
      role: user,
      cwd: home,
      site: world.site,
      timing: false,
    },
  };
}

/** An answer by HTTP, and the end of the connection. */
export function refuseUpgrade(stream: Duplex, status: number): void {
  const text = statusTexts[status] ?? 'Error';
  stream.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
