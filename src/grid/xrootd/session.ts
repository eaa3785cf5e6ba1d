import { setMaxListeners } from 'node:events';
import { StowageError } from '../../errors.ts';
import { type Connection, openConnection, type Place } from './connection.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { isLost, stopped } from './lost-connection.ts';
import { newPatience, pause } from './patience.ts';
import type { Wanted } from './pending.ts';
import { errorReply, type Redirect, redirectReply, waitReply } from './reply.ts';
import type { Request } from './request.ts';
import { isOfOneServer, serverError } from './server-error.ts';
import type { TlsOptions } from './socket.ts';
import { cgiValue, joinCgi, serverOf, type XrootdUrl } from './url.ts';

/** How to talk to servers. */
export interface SessionOptions extends TlsOptions, Partial<Limits> {
  /** The name to log in with, where a URL has none. Without one, the user of this process. */
  readonly user?: string;
}

/** A request that can be sent to whichever server it is sent on to. */
export interface Question extends Wanted {
  readonly url: XrootdUrl;
  /** For a path and CGI: those of the URL, or as a redirect has them. */
  readonly request: (target: XrootdUrl, connection: Connection) => Request;
  /** True if it does no harm to ask again where a connection was lost before the answer. */
  readonly isRepeatable: boolean;
  /** Waits where the server asks for that: `pause` is as long as it said, and need not be waited for to its end if there is reason to ask sooner. */
  readonly sentAway?: (pause: Promise<void>) => Promise<void>;
}

/** An answer, and from whom. */
export interface Answer {
  readonly body: Uint8Array;
  readonly connection: Connection;
  /** Where the question came to. */
  readonly target: XrootdUrl;
}

/** Connections to servers, shared by all that is asked of them; redirects, waits and lost connections are dealt with here. */
export interface Session {
  ask(question: Question): Promise<Answer>;
  /**
   * One request on one connection, as for an open file; told to wait, it is asked again there, unless it `isOver`: then its file is closed, and what names it may name another by now. It is sent before this
   * returns.
   */
  askThere(connection: Connection, request: Request, wanted: Wanted, isOver?: () => boolean): Promise<Uint8Array>;
  readonly limits: Limits;
  /** Ends all connections; what is in flight is rejected. */
  close(): void;
}

/** A session. It connects as it is asked, and again when a connection was lost. */
export function xrootdSession(options: SessionOptions = {}): Session {
  const limits: Limits = { ...defaultLimits, ...options };
  const pools = new Map<string, Promise<Connection>[]>();
  const open = new Map<Promise<Connection>, Connection>();
  const closing = new AbortController();
  // All that is being connected listens to it.
  setMaxListeners(0, closing.signal);

  function place(url: XrootdUrl, token: string): Place {
    const user = url.user ?? options.user;
    const wanted = cgiValue(url.cgi, 'xrd.wantprot')?.split(',');
    return {
      tls: url.tls,
      host: url.host,
      port: url.port,
      token,
      ...(user === undefined ? {} : { user }),
      ...(wanted === undefined ? {} : { wantedProofs: wanted }),
    };
  }

  /** A connection that is idle, or a new one, or when there are enough the one with the least to do. */
  function connect(to: Place, signal: AbortSignal | undefined): Promise<Connection> {
    const key = JSON.stringify([serverOf(to), to.user, to.token, to.wantedProofs]);
    const pool = (pools.get(key) ?? []).filter((one) => {
      const isUsable = open.get(one)?.isOpen !== false;
      if (!isUsable) open.delete(one);
      return isUsable;
    });
    pools.set(key, pool);
    const load = (one: Promise<Connection>) => open.get(one)?.inFlight ?? 1;
    const least = pool.toSorted((a, b) => load(a) - load(b))[0];
    if (least !== undefined && (load(least) === 0 || pool.length >= limits.connections)) return waitFor(least, signal);
    // Not by the signal of this call: others may come to wait for the same connection.
    const made = openConnection(to, options, limits, closing.signal);
    pool.push(made);
    made.then(
      (connection) => open.set(made, connection),
      () => {
        const now = pools.get(key) ?? [];
        pools.set(
          key,
          now.filter((one) => one !== made),
        );
      },
    );
    return waitFor(made, signal);
  }

  async function ask(question: Question): Promise<Answer> {
    const { what, signal } = question;
    let target = question.url;
    let token = '';
    let tried: readonly string[] = [];
    const patience = newPatience(limits, what, signal);
    for (let redirects = 0, lost = 0; ; ) {
      const isSentOn = target !== question.url;
      try {
        const connection = await connect(place(target, token), signal);
        const reply = await connection.call(question.request(target, connection), question);
        if (reply.kind === 'ok' || reply.kind === 'status') return { body: reply.body, connection, target };
        if (reply.kind === 'wait') await patience(waitReply(reply.body), connection.server, question.sentAway);
        else if (reply.kind === 'redirect') {
          redirects += 1;
          if (redirects > limits.redirects) throw tooManyRedirects(what, limits.redirects, connection.server);
          const redirect = redirectReply(reply.body);
          token = redirect.token;
          target = redirected(question.url, target, redirect);
        } else if (reply.kind === 'error') {
          const { number, text } = errorReply(reply.body);
          throw serverError(what, connection.server, number, text);
        } else throw noAnswer(what, connection.server, reply.kind);
      } catch (error) {
        if (!(error instanceof StowageError)) throw error;
        if (isLost(error) && !question.isRepeatable && error.facts.sent !== false) throw error;
        const mayElsewhere = isSentOn && question.isRepeatable && (isLost(error) || isOfOneServer(error));
        if (mayElsewhere && !tried.includes(target.host) && tried.length < limits.retries) {
          // Back to who sent us here, saying who did not do.
          tried = [...tried, target.host];
          token = '';
          target = { ...question.url, cgi: joinCgi(question.url.cgi, `tried=${tried.join(',')}`) };
          continue;
        }
        if (!isLost(error) || lost >= limits.retries || signal?.aborted === true) throw error;
        // At once the first time, for a server may just have dropped an idle connection; then with a pause, for it may be starting.
        if (lost > 0) await pause(250 * 2 ** lost, what, signal);
        lost += 1;
      }
    }
  }

  async function askThere(
    connection: Connection,
    request: Request,
    wanted: Wanted,
    isOver = () => false,
  ): Promise<Uint8Array> {
    const patience = newPatience(limits, wanted.what, wanted.signal);
    const { server } = connection;
    for (;;) {
      if (isOver()) {
        throw new StowageError('unavailable', `${wanted.what}: the file is closed`, {
          facts: { server, errno: 'EBADF' },
        });
      }
      const reply = await connection.call(request, wanted);
      if (reply.kind === 'ok' || reply.kind === 'status') return reply.body;
      if (reply.kind === 'wait') await patience(waitReply(reply.body), connection.server);
      else if (reply.kind === 'error') {
        const { number, text } = errorReply(reply.body);
        throw serverError(wanted.what, connection.server, number, text);
      } else throw noAnswer(wanted.what, connection.server, reply.kind);
    }
  }

  return {
    ask,
    askThere,
    limits,
    close() {
      closing.abort();
      for (const connection of open.values()) connection.close();
      open.clear();
      pools.clear();
    },
  };
}

/** Where a question goes next. One that is asked encrypted stays so, wherever a server sends it. */
function redirected(first: XrootdUrl, from: XrootdUrl, { tls, host, port, path, cgi }: Redirect): XrootdUrl {
  return {
    ...from,
    tls: first.tls || (tls ?? from.tls),
    host,
    port,
    path: path ?? from.path,
    cgi: joinCgi(first.cgi, cgi),
  };
}

/** Waits for what goes on without us, unless the signal comes first. */
function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(stopped('waiting for a connection', signal));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function tooManyRedirects(what: string, most: number, server: string): StowageError {
  return new StowageError('unavailable', `${what}: sent from server to server more than ${most} times`, {
    facts: { server, errno: 'ELOOP' },
  });
}

function noAnswer(what: string, server: string, kind: string): StowageError {
  return new StowageError('unavailable', `${what}: ${server} answers in a way that has no place here (${kind})`, {
    facts: { server, errno: 'EPROTO' },
  });
}
