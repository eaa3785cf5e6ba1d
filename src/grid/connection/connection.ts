import { createRequire } from 'node:module';
import type { SecureContext } from 'node:tls';
import type WebSocket from 'ws';
import { StowageError } from '../../errors.ts';
import type { NetworkSettings } from '../network-settings.ts';
import { authorityOf, type Endpoint } from './endpoints.ts';
import { type IdentityCheck, openingError } from './trust.ts';

/** What became of a text that was sent: its reply, or the connection was lost first, and nobody knows whether it arrived. */
export type Outcome =
  | { readonly kind: 'reply'; readonly text: string }
  | { readonly kind: 'lost'; readonly reason: string };

/** One WebSocket. It takes one request at a time. */
export interface Connection {
  readonly endpoint: Endpoint;
  /** What it took to open it, in milliseconds. */
  readonly openedInMs: number;
  isOpen(): boolean;
  /** Sends one text and waits for its reply. Rejects only with `interrupted`; the connection is closed then, because the reply may still come. */
  exchange(text: string, signal?: AbortSignal): Promise<Outcome>;
  /** The way to the server and back, in milliseconds. */
  ping(signal?: AbortSignal): Promise<number>;
  /** Closes it, kindly if the server answers soon. Idempotent. */
  close(): Promise<void>;
}

/** What a connection is opened with. */
export interface OpenOptions extends NetworkSettings {
  /** Lets the server compress what it sends: good for long listings, and of no use for many short replies, which take longer that way. */
  readonly compressed: boolean;
  readonly context: SecureContext;
  /** Who may answer; undefined accepts anybody, for test servers. */
  readonly identity: IdentityCheck | undefined;
  /** What the server was verified with, for messages. */
  readonly authorities: string;
  readonly userAgent: string;
  readonly signal?: AbortSignal | undefined;
  /** Is told once, when the connection has gone and it was not us. */
  readonly onLost?: (reason: string) => void;
}

// `import` of a CommonJS package reads all of it for its names first: 30 ms more, of the 150 that a command may take in all.
const required = createRequire(import.meta.url);
const socketClass = () => required('ws') as typeof WebSocket;
const openState: typeof WebSocket.OPEN = 1;

const mostReplyBytes = 1 << 30;
/** The goodbye is on its way by then; from far away nobody waits for the answer, for it changes nothing. */
const kindlyMs = 30;
/** Longer than any request. */
const neverCompressed = 1 << 20;

/** Opens a connection. Rejects with `refused` where the server is not who it should be, `unavailable` (errno 107) where it cannot be reached, `interrupted`. */
export async function openConnection(endpoint: Endpoint, options: OpenOptions): Promise<Connection> {
  const started = performance.now();
  options.signal?.throwIfAborted();
  const socket = new (socketClass())(`wss://${authorityOf(endpoint)}/websocket/json`, {
    secureContext: options.context,
    rejectUnauthorized: options.identity !== undefined,
    ...(options.identity === undefined ? {} : { checkServerIdentity: options.identity as never }),
    ...(options.family === 0 ? {} : { family: options.family }),
    autoSelectFamily: options.family === 0,
    autoSelectFamilyAttemptTimeout: options.addressMs,
    // Requests are short, and made of what cannot be made much shorter: only replies are worth it.
    perMessageDeflate: options.compressed && { threshold: neverCompressed },
    handshakeTimeout: options.openTimeoutMs,
    maxPayload: mostReplyBytes,
    headers: { 'User-Agent': options.userAgent },
  } as WebSocket.ClientOptions);
  await opened(socket, endpoint, options);
  return connectionOver(socket, endpoint, performance.now() - started, options);
}

function opened(socket: WebSocket, endpoint: Endpoint, { signal, authorities }: OpenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      done(() => reject(interrupted(signal?.reason)));
      socket.terminate();
    };
    const done = (settle: () => void) => {
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (error) => done(() => reject(openingError(error, endpoint, authorities))));
    socket.once('open', () => done(resolve));
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      done(() => reject(refusal(endpoint, response.statusCode ?? 0)));
    });
  });
}

function refusal(endpoint: Endpoint, status: number): StowageError {
  const where = authorityOf(endpoint);
  if (status === 401) {
    return new StowageError('refused', `${where} knows nobody with our certificate`, {
      hint: 'is the certificate registered with the VO? See alien.py cert-info for its name',
      facts: { errno: 129, status },
    });
  }
  return new StowageError('unavailable', `${where} is no central server: it answered with HTTP ${status}`, {
    facts: { errno: 107, status },
  });
}

function connectionOver(
  socket: WebSocket,
  endpoint: Endpoint,
  openedInMs: number,
  { keepAliveMs, onLost }: OpenOptions,
): Connection {
  let waiting: ((outcome: Outcome) => void) | undefined;
  let lost: string | undefined;
  let closing = false;
  let heard = true;

  const lose = (reason: string) => {
    if (lost !== undefined) return;
    lost = reason;
    clearInterval(keepAlive);
    waiting?.({ kind: 'lost', reason });
    if (!closing) onLost?.(reason);
    socket.terminate();
  };
  const keepAlive = setInterval(() => {
    if (!heard) return lose('the server does not answer any more');
    heard = false;
    socket.ping();
  }, keepAliveMs);
  keepAlive.unref();
  socket.on('pong', () => {
    heard = true;
  });
  socket.on('message', (data, isBinary) => {
    heard = true;
    // A reply that nobody waits for would be taken for that of the next request.
    if (waiting === undefined || isBinary) return lose('the server sent what was not asked for');
    waiting({ kind: 'reply', text: String(data) });
  });
  socket.on('error', (error) => lose(error.message));
  socket.on('close', (code, reason) => lose(closeReason(code, String(reason))));

  return {
    endpoint,
    openedInMs,
    isOpen: () => lost === undefined && socket.readyState === openState,
    exchange(text, signal) {
      if (waiting !== undefined) throw new StowageError('bug', 'two requests at a time on one connection');
      if (lost !== undefined) return Promise.resolve({ kind: 'lost', reason: lost });
      if (signal?.aborted) return Promise.reject(interrupted(signal.reason));
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          waiting = undefined;
          closing = true;
          lose('interrupted');
          reject(interrupted(signal?.reason));
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting = (outcome) => {
          waiting = undefined;
          signal?.removeEventListener('abort', onAbort);
          resolve(outcome);
        };
        socket.send(text, (error) => {
          if (error) lose(error.message);
        });
      });
    },
    ping(signal) {
      return new Promise((resolve, reject) => {
        const started = performance.now();
        const end = (settle: () => void) => {
          socket.off('pong', onPong);
          socket.off('close', onClose);
          signal?.removeEventListener('abort', onAbort);
          settle();
        };
        const onPong = () => end(() => resolve(performance.now() - started));
        const onClose = () => end(() => reject(lostError(endpoint, lost ?? 'closed')));
        const onAbort = () => end(() => reject(interrupted(signal?.reason)));
        if (lost !== undefined) return onClose();
        socket.on('pong', onPong);
        socket.on('close', onClose);
        signal?.addEventListener('abort', onAbort, { once: true });
        socket.ping();
      });
    },
    async close() {
      closing = true;
      clearInterval(keepAlive);
      if (lost !== undefined) return;
      await new Promise<void>((resolve) => {
        const unkind = setTimeout(() => socket.terminate(), kindlyMs);
        socket.once('close', () => {
          clearTimeout(unkind);
          resolve();
        });
        socket.close(1000);
      });
    },
  };
}

/** The error for a connection that has gone. */
export function lostError(endpoint: Endpoint, reason: string): StowageError {
  return new StowageError('unavailable', `the connection to ${authorityOf(endpoint)} was lost: ${reason}`, {
    facts: { errno: 70 },
  });
}

function closeReason(code: number, text: string): string {
  if (code === 1013) return 'the server closed it, because it was idle for long or the certificate came to its end';
  return text === '' ? `the server closed it (${code})` : `the server closed it (${code}: ${text})`;
}

function interrupted(cause: unknown): StowageError {
  return new StowageError('interrupted', 'interrupted', { cause });
}
