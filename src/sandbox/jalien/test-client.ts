import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import type { PemFiles } from './pem-files.ts';

/** A client without any mind of its own: it sends texts and hands out what comes, in order. */
export interface TestClient {
  readonly socket: WebSocket;
  say(text: string): void;
  /** The next message, as text; `closed CODE` when the connection ends. */
  hear(): Promise<string>;
  /** One request, one reply. */
  ask(command: string, ...options: readonly (string | number)[]): Promise<TestReply>;
  close(): void;
}

export interface TestReply {
  readonly metadata: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: what stands in a result is what a test asks.
  readonly results: readonly Record<string, any>[];
}

export interface TestIdentity {
  readonly cert?: string;
  readonly key?: string;
  readonly path?: string;
}

/** Where a server listens, and which CA and certificate go with it. */
export interface TestPlace {
  readonly port: number;
  readonly files: Pick<PemFiles, 'caFile' | 'userCert' | 'userKey'>;
}

/** Connects as the user, or with another certificate. Rejects with what the server said. */
export async function testClient(central: TestPlace, identity: TestIdentity = {}): Promise<TestClient> {
  const { cert = central.files.userCert, key = central.files.userKey, path = '/websocket/json' } = identity;
  const socket = new WebSocket(`wss://localhost:${central.port}${path}`, {
    ca: readFileSync(central.files.caFile),
    cert: cert.startsWith('-') ? cert : readFileSync(cert),
    key: key.startsWith('-') ? key : readFileSync(key),
  });
  const heard: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  const take = (text: string): void => {
    const next = waiting.shift();
    if (next === undefined) heard.push(text);
    else next(text);
  };
  socket.on('message', (data) => take(data.toString()));
  socket.on('close', (code) => take(`closed ${code}`));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const hear = (): Promise<string> => {
    const next = heard.shift();
    return next === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(next);
  };
  return {
    socket,
    hear,
    say: (text) => socket.send(text),
    async ask(command, ...options) {
      socket.send(JSON.stringify({ command, options }));
      return JSON.parse(await hear()) as TestReply;
    },
    close: () => socket.close(),
  };
}
