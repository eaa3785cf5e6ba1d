import type { Channel, ServerState } from './connection/channel.ts';
import { channelPool } from './connection/channel-pool.ts';
import type { Connection } from './connection/connection.ts';
import type { Credential } from './credentials/credential.ts';
import { gridError } from './errno.ts';
import { absoluteLfn } from './lfn.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';

/** How one call is made. */
export interface SendOptions {
  /** Ends the call with `interrupted`. Whether a command that was sent was done, is then not known. */
  readonly signal?: AbortSignal;
}

/** One of many requests and what became of it. */
export interface Sent {
  readonly request: Request;
  readonly reply: Reply;
}

/** What sends commands. */
export type Sender = Pick<RawSession, 'send' | 'ask' | 'lfn' | 'where'>;

/**
 * A session with a central server. One command at a time; calls that overlap wait for each other. It survives lost connections: the working
 * directory, the role and the site are told to the new one.
 */
export interface RawSession {
  /**
   * Sends a command in the server's words and gives its reply, whatever its exit code. Rejects with `unavailable` (errno 107: not connected;
   * 70: no reply, and `facts.effect` says what was found then), `refused`, `corrupt`, `usage`, `interrupted`.
   */
  send(command: string, args?: readonly string[], options?: SendOptions): Promise<Reply>;
  /** The same, but a reply with an exit code other than 0 rejects, with errno and text in `facts`. */
  ask(command: string, args?: readonly string[], options?: SendOptions): Promise<Reply>;
  /** Many requests over several connections at once; replies come in the order of the requests. */
  sendAll(
    requests: Iterable<Request>,
    options?: SendOptions & { readonly connections?: number },
  ): AsyncGenerator<Sent, void, undefined>;
  /**
   * The same session for many calls at once: each command goes over whichever of up to `connections` connections is idle, or waits for one. They may overtake each other, and begin
   * where the session is when they are made.
   */
  parallel(connections: number): Sender;
  /** The absolute name of what a user typed. */
  lfn(text: string): Promise<string>;
  /** The working directory and home of the server, with `/` at the end; asked for if nothing was sent yet. */
  where(options?: SendOptions): Promise<{ readonly directory: string; readonly home: string; readonly user: string }>;
  /** The connection, opened if there is none. */
  connection(options?: SendOptions): Promise<Connection>;
  isConnected(): boolean;
  /** What the last connection was made with. */
  credential(): Credential | undefined;
  close(): Promise<void>;
}

export interface RawSessionParts {
  readonly state: ServerState;
  readonly main: Channel;
  /** A further channel, which begins where the first one is. */
  another(): Channel;
  credential(): Credential | undefined;
}

/** A session over these parts. */
export function rawSession({ state, main, another, credential }: RawSessionParts): RawSession {
  const pool = channelPool(main, another);

  const send: RawSession['send'] = (command, args = [], { signal } = {}) => main.send({ command, args }, signal);

  async function where(options: SendOptions = {}) {
    if (state.directory === undefined || state.home === undefined || state.user === undefined) {
      await send('pwd', [], options);
    }
    return { directory: state.directory ?? '/', home: state.home ?? '/', user: state.user ?? '' };
  }

  async function lfn(text: string): Promise<string> {
    return text.startsWith('/') ? absoluteLfn(text, { directory: '/', home: '/' }) : absoluteLfn(text, await where());
  }

  return {
    send,
    where,
    ask: asking(send),
    parallel(connections) {
      const sendIdle: RawSession['send'] = async (command, args = [], { signal } = {}) => {
        const { directory, user } = await where(signal === undefined ? {} : { signal });
        await pool.comeTo(`${user}:${directory}`);
        return pool.onIdle(connections, (channel) => channel.send({ command, args }, signal));
      };
      return { send: sendIdle, ask: asking(sendIdle), lfn, where };
    },
    async *sendAll(requests, { signal, connections = 4 } = {}) {
      const { directory, user } = await where(signal === undefined ? {} : { signal });
      await pool.comeTo(`${user}:${directory}`);
      const channels = pool.several(connections);
      const queue = requests[Symbol.iterator]();
      const under: Promise<Sent>[] = [];
      const start = (channel: Channel): boolean => {
        const next = queue.next();
        if (next.done) return false;
        const request = next.value;
        const sent = channel.send(request, signal).then((reply) => ({ request, reply }));
        // Whoever reads gets it in its turn; until then it is no unhandled rejection.
        sent.catch(() => undefined);
        under.push(sent);
        return true;
      };
      for (const channel of channels) {
        if (!start(channel)) break;
      }
      for (let turn = 0; under.length > 0; turn += 1) {
        const sent = await under.shift()!;
        start(channels[turn % channels.length]!);
        yield sent;
      }
    },
    lfn,
    connection: ({ signal } = {}) => main.connected(signal),
    isConnected: () => main.isOpen(),
    credential,
    async close() {
      await Promise.all([main.close(), pool.close()]);
    },
  };
}

/** The same, but a reply with an exit code other than 0 rejects. */
function asking(send: RawSession['send']): RawSession['ask'] {
  return async (command, args = [], options = {}) => {
    const reply = await send(command, args, options);
    if (reply.exitCode !== 0) throw gridError(command, reply.exitCode, reply.error);
    return reply;
  };
}
