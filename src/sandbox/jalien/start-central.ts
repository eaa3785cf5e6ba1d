import type { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { StowageError } from '../../errors.ts';
import { admit, refuseUpgrade } from './admission.ts';
import { type Patience, serveConnection } from './connection.ts';
import type { Request } from './dispatch.ts';
import { type Fault, newFaults } from './faults.ts';
import { newWorld, type WorldOptions } from './new-world.ts';
import { type PemFiles, passphrase, pemFiles } from './pem-files.ts';
import { type Identity, serverCertificate } from './trust/authority.ts';
import type { World } from './world.ts';

export interface CentralOptions extends WorldOptions {
  /** Where certificates and keys are put; it is made if it is not there. A folder of an earlier start keeps its authority. */
  readonly folder: string;
  /** Any free one if not given. */
  readonly port?: number;
  /** Which certificate is shown: the right one if nothing is said. */
  readonly identity?: Identity;
  /** What is shown in place of that: a certificate, with its chain if it has one, and its key. */
  readonly shown?: { readonly cert: string; readonly key: string };
  readonly faults?: readonly Fault[];
  readonly patience?: Partial<Patience>;
}

/** A central server that runs. */
export interface Central {
  readonly host: 'localhost';
  readonly port: number;
  readonly url: string;
  readonly files: PemFiles;
  /** Opens the encrypted keys. */
  readonly passphrase: string;
  /** What a client is told by: the address, the CA, certificate and key. */
  readonly variables: Readonly<Record<string, string>>;
  /** All that it was asked, over all connections, before it was run. */
  readonly requests: readonly (Request & { readonly connection: number })[];
  /** How many connections there were, and are. */
  readonly connections: { readonly made: number; readonly open: number };
  /** What clients called themselves, one for each connection that was asked for. */
  readonly agents: readonly string[];
  readonly world: World;
  setFaults(script: readonly Fault[]): void;
  /** Cuts all connections, without a word. */
  dropAll(): void;
  /** The connections there are fall silent: nothing is read or answered, and nothing closed, as where a network has gone. */
  freezeAll(): void;
  /** Closes all; nothing listens any more. What the catalogue holds is kept for `restart`. */
  stop(): Promise<void>;
  /** Stops if it runs, and listens again on the same port: sessions are gone, the catalogue is as it was. */
  restart(): Promise<void>;
}

const defaultPatience: Patience = { replyMs: 1000, idleMs: 15 * 60_000, lifeMs: 2 * 86_400_000 };

/** Starts a JAliEn central server on loopback: a stand-in to try clients on. Throws `unavailable` if the port is taken. */
export async function startCentral(options: CentralOptions): Promise<Central> {
  const user = options.user ?? 'jalien';
  const { authority, files } = pemFiles(options.folder, user);
  const world = newWorld(options, authority);
  const patience = { ...defaultPatience, ...options.patience };
  const requests: (Request & { connection: number })[] = [];
  const agents: string[] = [];
  const sockets = new Set<WebSocket>();
  let faults = newFaults(options.faults ?? []);
  let port = options.port ?? 0;
  let made = 0;
  let server: Server | undefined;
  let refusing = false;

  const shown = options.shown ?? serverCertificate(authority, options.identity ?? 'host', user);
  const dropAll = (): void => {
    for (const socket of sockets) socket.terminate();
  };

  async function start(): Promise<void> {
    const shape = { noServer: true, autoPong: false, maxPayload: 1 << 30 };
    const webSockets = {
      windowed: new WebSocketServer({ ...shape, perMessageDeflate: { clientMaxWindowBits: 15 } }),
      plain: new WebSocketServer({ ...shape, perMessageDeflate: true }),
    };
    const listening = createServer({ ...shown, ca: authority.certificate, requestCert: true, minVersion: 'TLSv1.2' });
    listening.on('tlsClientError', () => undefined);
    listening.on('request', (_, response) => response.writeHead(404).end());
    listening.on('upgrade', (request, stream, head) => {
      stream.on('error', () => undefined);
      agents.push(request.headers['user-agent'] ?? '');
      const harm = refusing ? ({ kind: 'drop' } as const) : faults.forConnection();
      if (harm?.kind === 'drop') return void stream.destroy();
      if (harm?.kind === 'stall') return;
      const admitted = admit(request, world);
      if (harm?.kind === 'refuse') return refuseUpgrade(stream, harm.status ?? 401);
      if ('status' in admitted) return refuseUpgrade(stream, admitted.status);
      // Who asks for a window is told 15 bits, as Tomcat does; who does not must not be told.
      const offer = String(request.headers['sec-websocket-extensions'] ?? '');
      const wanted = /client_max_window_bits(=15)?\s*(;|,|$)/.test(offer) ? webSockets.windowed : webSockets.plain;
      wanted.handleUpgrade(request, stream, head, (socket) => {
        made += 1;
        const connection = made;
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        serveConnection(socket, {
          world,
          patience,
          session: admitted.session,
          plain: admitted.plain,
          faults: () => faults,
          asked: (one) => void requests.push({ ...one, connection }),
          restart(downMs) {
            refusing = true;
            dropAll();
            void world.sleep(downMs).then(() => {
              refusing = false;
            });
          },
        });
      });
    });
    await new Promise<void>((resolve, reject) => {
      const failed = (cause: Error): void =>
        reject(new StowageError('unavailable', `port ${port} of localhost cannot be listened on`, { cause }));
      listening.once('error', failed);
      listening.listen(port, '127.0.0.1', () => {
        listening.off('error', failed);
        resolve();
      });
    });
    port = (listening.address() as AddressInfo).port;
    server = listening;
  }

  async function stop(): Promise<void> {
    const stopping = server;
    server = undefined;
    if (stopping === undefined) return;
    dropAll();
    stopping.closeAllConnections();
    await new Promise((resolve) => stopping.close(resolve));
  }

  await start();
  return {
    host: 'localhost',
    get port() {
      return port;
    },
    get url() {
      return `wss://localhost:${port}/websocket/json`;
    },
    files,
    passphrase,
    get variables() {
      return {
        ALIENPY_JCENTRAL: 'localhost',
        ALIENPY_JCENTRAL_PORT: String(port),
        X509_CERT_DIR: files.caFolder,
        X509_USER_CERT: files.userCert,
        X509_USER_KEY: files.userKey,
      };
    },
    requests,
    agents,
    get connections() {
      return { made, open: sockets.size };
    },
    world,
    setFaults(script) {
      faults = newFaults(script);
    },
    dropAll,
    freezeAll() {
      for (const socket of sockets) (socket as EventEmitter).emit('stowage-freeze');
    },
    stop,
    async restart() {
      await stop();
      await start();
    },
  };
}
