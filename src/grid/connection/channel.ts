import { isStowageError, StowageError } from '../../errors.ts';
import { type Effect, effectProbe } from '../effect.ts';
import { gridError } from '../errno.ts';
import { isIdempotent } from '../idempotence.ts';
import { joinReplies, parseReply, type Reply } from '../reply.ts';
import { encodeRequest, type Request, requestTexts } from '../request.ts';
import type { Connection } from './connection.ts';

/** Everything that a server knows of a session, so that a new connection can be told. */
export interface ServerState {
  /** The working directory, with `/` at its end. Undefined before the first reply. */
  directory: string | undefined;
  /** The directory of the first reply of the first connection. */
  home: string | undefined;
  user: string | undefined;
  /** What was switched to, if anything was. */
  role: string | undefined;
  site: string | undefined;
}

export interface ChannelOptions {
  /** Opens a connection, with all its tries. */
  open(signal: AbortSignal | undefined): Promise<Connection>;
  readonly state: ServerState;
  /** Is told what a user should know: that a connection was lost and what was found then. */
  tell(text: string): void;
  /** How often one request is sent at most. */
  readonly tries: number;
  /** Is shown each request and reply. */
  readonly trace?: ((direction: '>' | '<', text: string) => void) | undefined;
  /** The first connection is told where we are too, because another channel was there first. */
  readonly resumed?: boolean;
}

/** One connection that comes back: requests one after the other, whatever happens to the socket below. */
export interface Channel {
  send(request: Request, signal?: AbortSignal): Promise<Reply>;
  /** The connection, opened if there is none. */
  connected(signal?: AbortSignal): Promise<Connection>;
  isOpen(): boolean;
  close(): Promise<void>;
}

/** Why there is no reply. */
interface Lost {
  readonly lost: string;
  /** What came in its place, if anything came. */
  readonly unreadable?: unknown;
}

const noReply = 70;

/**
 * A channel to a server. A lost connection is opened again at the next request, and the server told where we were; a request that was
 * under way is sent again only if that changes nothing, else its effect is looked up.
 */
export function channelTo(options: ChannelOptions): Channel {
  const { state, tell, trace } = options;
  let connection: Connection | undefined;
  let wasOpen = options.resumed === true;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const inOrder = <T>(step: () => Promise<T>): Promise<T> => {
    const done = last.then(step);
    last = done.catch(() => undefined);
    return done;
  };

  async function connected(signal?: AbortSignal): Promise<Connection> {
    if (closed) throw new StowageError('bug', 'the session is closed');
    if (connection?.isOpen()) return connection;
    connection = undefined;
    const fresh = await options.open(signal);
    try {
      await greet(fresh, signal);
    } catch (error) {
      await fresh.close();
      throw error;
    }
    wasOpen = true;
    connection = fresh;
    return fresh;
  }

  /** Tells a new connection what the last one knew. */
  async function greet(fresh: Connection, signal?: AbortSignal): Promise<void> {
    if (state.site !== undefined) await told(fresh, { command: 'setSite', args: [state.site] }, signal);
    if (!wasOpen) return;
    if (state.role !== undefined) await told(fresh, { command: 'user', args: [state.role] }, signal);
    if (state.directory === undefined || state.directory === state.home) return;
    const reply = await told(fresh, { command: 'cd', args: [state.directory] }, signal);
    if (reply.exitCode === 0) return;
    const was = state.directory;
    state.directory = state.home;
    throw new StowageError(
      'missing',
      `the connection was lost, and the working directory ${was} is not there any more`,
      {
        hint: `nothing was sent; you are now in ${state.home ?? 'your home directory'}`,
        facts: { errno: reply.exitCode, directory: was },
      },
    );
  }

  async function told(fresh: Connection, request: Request, signal?: AbortSignal): Promise<Reply> {
    const reply = await exchange(fresh, encodeRequest(request), signal);
    if ('lost' in reply) throw new StowageError('unavailable', reply.lost, { facts: { errno: noReply } });
    if (reply.exitCode !== 0 && request.command !== 'cd') throw gridError(request.command, reply.exitCode, reply.error);
    return reply;
  }

  /** A reply, or why there is none. */
  async function exchange(on: Connection, text: string, signal?: AbortSignal): Promise<Reply | Lost> {
    trace?.('>', text);
    const outcome = await on.exchange(text, signal);
    if (outcome.kind === 'lost') return { lost: outcome.reason };
    trace?.('<', outcome.text);
    try {
      return parseReply(outcome.text);
    } catch (error) {
      // Whatever came, it is not known any more to which request the next text belongs.
      await on.close();
      if (!isStowageError(error, 'corrupt')) throw error;
      return { lost: error.message, unreadable: error };
    }
  }

  /** Sends what may be sent again, until there is a reply. */
  async function persist(text: string, signal?: AbortSignal): Promise<Reply> {
    let last: Lost = { lost: '' };
    for (let tried = 0; tried < options.tries; tried += 1) {
      const reply = await attempt(text, signal);
      if (!('lost' in reply)) return reply;
      last = reply;
    }
    if (last.unreadable !== undefined) throw last.unreadable;
    throw new StowageError('unavailable', `no reply from the server, ${options.tries} times: ${last.lost}`, {
      facts: { errno: noReply },
    });
  }

  async function attempt(text: string, signal?: AbortSignal): Promise<Reply | Lost> {
    let on: Connection;
    try {
      on = await connected(signal);
    } catch (error) {
      // Lost again while the server was told where we were: one of the tries.
      if (isStowageError(error, 'unavailable') && error.facts.errno === noReply) return { lost: error.message };
      throw error;
    }
    return exchange(on, text, signal);
  }

  /** Sends what must not be sent twice. */
  async function once(request: Request, text: string, signal?: AbortSignal): Promise<Reply> {
    const ask = (command: string, ...args: readonly string[]) => persist(encodeRequest({ command, args }), signal);
    const probe = effectProbe(request, await here(signal));
    const before = await probe?.before?.(ask);
    const reply = await exchange(await connected(signal), text, signal);
    if (!('lost' in reply)) return reply;
    const { lost, unreadable } = reply;
    const effect: Effect =
      probe === undefined
        ? { kind: 'unknown', found: 'the catalogue does not tell' }
        : await probe.after(ask, before).catch((error: unknown) => {
            if (isStowageError(error, 'interrupted')) throw error;
            throw lostReply(request, lost, { kind: 'unknown', found: 'it could not be looked up' }, error);
          });
    if (effect.kind !== 'done') throw lostReply(request, lost, effect, unreadable);
    tell(`the connection was lost before the server had answered to ${request.command}; it was done: ${effect.found}`);
    return {
      exitCode: 0,
      error: '',
      ...(state.directory === undefined ? {} : { currentDirectory: state.directory }),
      ...(state.user === undefined ? {} : { user: state.user }),
      results: effect.results ?? [],
      raw: '',
    };
  }

  async function here(signal?: AbortSignal): Promise<{ directory: string; home: string }> {
    if (state.directory === undefined || state.home === undefined) {
      note({ command: 'pwd', args: [] }, await persist(encodeRequest({ command: 'pwd', args: [] }), signal));
    }
    return { directory: state.directory ?? '/', home: state.home ?? '/' };
  }

  function note(request: Request, reply: Reply): void {
    const directory = reply.currentDirectory;
    if (directory !== undefined) {
      // Only the very first reply of a session, before anybody went anywhere, comes from home.
      state.home ??=
        request.command === 'cd' || request.args.some((arg) => arg.startsWith('-pwd=')) ? undefined : directory;
      if (!request.args.some((arg) => arg.startsWith('-pwd='))) state.directory = directory;
    }
    if (reply.user !== undefined) state.user = reply.user;
    if (reply.exitCode !== 0) return;
    if (request.command === 'user' && request.args[0] !== undefined) {
      state.role = request.args[0];
      const home = reply.results[0]?.homedir;
      if (typeof home === 'string') state.home = home.endsWith('/') ? home : `${home}/`;
    }
    if (request.command === 'setSite' && request.args[0] !== undefined) state.site = request.args[0];
  }

  return {
    connected: (signal) => inOrder(() => connected(signal)),
    isOpen: () => connection?.isOpen() ?? false,
    send: (request, signal) =>
      inOrder(async () => {
        const replies: Reply[] = [];
        const texts = requestTexts(request);
        if (request.command === 'cd' && state.home === undefined) await here(signal);
        for (const text of texts) {
          const piece: Request = texts.length === 1 ? request : pieceOf(text);
          const reply = isIdempotent(piece) ? await persist(text, signal) : await once(piece, text, signal);
          note(piece, reply);
          replies.push(reply);
        }
        return joinReplies(replies);
      }),
    async close() {
      closed = true;
      await connection?.close();
    },
  };
}

function pieceOf(text: string): Request {
  const { command, options } = JSON.parse(text) as { command: string; options: string[] };
  return { command, args: options };
}

function lostReply({ command }: Request, reason: string, effect: Effect, cause?: unknown): StowageError {
  const verdict = effect.kind === 'not done' ? 'it was not done' : 'it is not known whether it was done';
  return new StowageError('unavailable', `${command}: no reply (${reason}); ${verdict}: ${effect.found}`, {
    hint: effect.kind === 'not done' ? 'send it again' : 'look before you send it again',
    facts: { errno: noReply, effect: effect.kind },
    ...(cause === undefined ? {} : { cause }),
  });
}
