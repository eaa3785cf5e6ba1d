import { duplexPair } from 'node:stream';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { plainReason } from '../../errors.ts';
import type { Authorities } from './authorities.ts';

/**
 * Why a certificate does not come from these authorities, or undefined if it does. OpenSSL judges, by a handshake that never leaves this process:
 * Node has no other way to ask about a chain. `key` is the certificate's, not encrypted.
 */
export async function whyNotVerified(
  certificate: string,
  key: string,
  { pems }: Pick<Authorities, 'pems'>,
): Promise<string | undefined> {
  const [here, there] = duplexPair();
  const own = { cert: certificate, key, rejectUnauthorized: false };
  const server = createServer({ ...own, ca: [...pems], requestCert: true });
  let client: TLSSocket | undefined;
  try {
    return await new Promise((resolve) => {
      server.on('secureConnection', (socket) => {
        resolve(socket.authorized ? undefined : plainReason(socket.authorizationError));
      });
      server.on('tlsClientError', (error) => resolve(plainReason(error)));
      server.emit('connection', there);
      client = connect({ ...own, socket: here });
      client.on('error', (error) => resolve(plainReason(error)));
    });
  } finally {
    client?.destroy();
    there.destroy();
  }
}
