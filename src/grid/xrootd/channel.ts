import type { Socket } from 'node:net';
import { StowageError } from '../../errors.ts';
import { nonsense } from './frame.ts';
import { incomingReplies } from './incoming.ts';
import type { Limits } from './limits.ts';
import { type Line, newLine } from './line.ts';
import { lostConnection, stopped, timedOut } from './lost-connection.ts';
import { newPending, type Pending, type Reply, type Wanted } from './pending.ts';
import { type Request, requestHead } from './request.ts';

/** Many requests in flight over one socket, told apart by their stream ids; data may go over more sockets that are bound to it. */
export interface Channel {
  /** Sends a request. Rejects where the connection is lost, the server is silent, or the caller's signal says so. */
  call(request: Request, wanted: Wanted): Promise<Reply>;
  /** Sends what is no request, and awaits the answer to stream 0. */
  greet(bytes: Uint8Array, wanted: Wanted): Promise<Reply>;
  /** Goes on over another socket, as TLS is one over what was there. Nothing may be in flight. */
  replace(encrypt: (plain: Socket) => Promise<Socket>): Promise<void>;
  /** Takes one more socket, which the server knows by this number. It ends with this channel, and this channel with it. */
  bind(path: number, socket: Socket): void;
  /** Gives its socket away, and is over. Nothing may be in flight. */
  release(): Socket;
  readonly isOpen: boolean;
  /** Requests that are not answered. */
  readonly inFlight: number;
  /** Ends the connection; what is in flight is rejected. */
  close(reason?: StowageError): void;
}

/** Most calls that nobody waits for any more, before the connection is given up. */
const mostAbandoned = 256;

/** A channel over a connected socket. `server` is its name in messages. */
export function newChannel(first: Socket, server: string, limits: Limits): Channel {
  const pending = new Map<number, Pending>();
  let ended: StowageError | undefined;
  let abandoned = 0;
  let nextStream = 1;
  let timer: NodeJS.Timeout | undefined;

  const promised = (call: Pending, seconds: number): void => {
    call.lateUntilMs = performance.now() + Math.min(limits.waitMs, seconds * 1000 + limits.silenceMs);
  };
  // An answer may come over any of them.
  const lineOver = (socket: Socket): Line => newLine(socket, incomingReplies({ pending, settle, promised }), end);
  const lines = new Map<number, Line>([[0, lineOver(first)]]);

  function settle(stream: number, call: Pending, reply: Reply): void {
    pending.delete(stream);
    if (call.isAbandoned) abandoned -= 1;
    call.resolve(reply);
    if (pending.size === 0) rest();
  }

  function rest(): void {
    clearInterval(timer);
    timer = undefined;
    // A connection that nobody waits for must not keep the process alive.
    for (const line of lines.values()) line.keepAlive(false);
  }

  function end(reason: StowageError): void {
    if (ended !== undefined) return;
    ended = reason;
    rest();
    for (const line of lines.values()) line.destroy();
    const calls = [...pending.values()];
    pending.clear();
    for (const call of calls) call.reject(lostConnection(call.wanted.what, server, reason));
  }

  /** Looks for what takes too long. */
  function look(): void {
    const now = performance.now();
    const lives = new Map([...lines].map(([path, line]) => [path, line.lastLifeMs(now)]));
    let isSilent = false;
    for (const call of pending.values()) {
      const tooLate = call.lateUntilMs !== undefined ? now > call.lateUntilMs : now - call.startedMs > limits.requestMs;
      if (tooLate && !call.isAbandoned) abandon(call, timedOut(call.wanted.what, server, now - call.startedMs));
      const lifeMs = lives.get(call.path) ?? 0;
      if (call.lateUntilMs === undefined && now - Math.max(lifeMs, call.startedMs) > limits.silenceMs) isSilent = true;
    }
    if (isSilent) end(timedOut('no answer', server, limits.silenceMs));
  }

  function abandon(call: Pending, error: StowageError): void {
    if (call.isAbandoned) return;
    call.isAbandoned = true;
    abandoned += 1;
    call.reject(error);
    if (abandoned > mostAbandoned) end(new StowageError('unavailable', `${abandoned} answers did not come in time`));
  }

  function send(stream: number, path: number, wanted: Wanted, write: () => void): Promise<Reply> {
    const { signal, what } = wanted;
    if (ended !== undefined) return Promise.reject(lostConnection(what, server, ended));
    if (signal?.aborted === true) return Promise.reject(stopped(what, signal));
    return new Promise<Reply>((resolve, reject) => {
      const onAbort = () => abandon(call, stopped(what, signal!));
      const forget = () => signal?.removeEventListener('abort', onAbort);
      const call = newPending(wanted, path, performance.now(), {
        resolve: (reply) => {
          forget();
          resolve(reply);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
      signal?.addEventListener('abort', onAbort);
      for (const line of lines.values()) line.keepAlive(true);
      pending.set(stream, call);
      timer ??= setInterval(
        // Behind what has come: where it was us who stood still, the answer may be there.
        () => setImmediate(look),
        Math.min(1000, Math.ceil(Math.min(limits.silenceMs, limits.requestMs, limits.waitMs) / 4)),
      );
      write();
    });
  }

  function freeStream(): number {
    while (pending.has(nextStream)) nextStream = (nextStream % 0xffff) + 1;
    const stream = nextStream;
    nextStream = (nextStream % 0xffff) + 1;
    return stream;
  }

  function atRest(): Line {
    const line = lines.get(0)!;
    if (pending.size > 0 || !line.isAtRest || lines.size > 1) throw nonsense('more than was asked for');
    return line;
  }

  return {
    call(request, wanted) {
      if (pending.size >= 0xfff0) throw new StowageError('bug', 'more requests than a connection has numbers for');
      const stream = freeStream();
      const { payload, path = 0 } = request;
      return send(stream, path, wanted, () => {
        const head = requestHead(stream, request);
        const own = lines.get(0)!;
        if (payload === undefined) own.write(head);
        else if (path === 0 || !isData(request)) own.write(head, payload);
        else {
          own.write(head);
          lines.get(path)!.write(payload);
        }
      });
    },
    greet: (bytes, wanted) => send(0, 0, wanted, () => lines.get(0)!.write(bytes)),
    async replace(encrypt) {
      try {
        const encrypted = await encrypt(atRest().release());
        lines.set(0, lineOver(encrypted));
        if (ended !== undefined) encrypted.destroy();
      } catch (error) {
        end(error as StowageError);
        throw error;
      }
    },
    bind(path, socket) {
      if (ended !== undefined || lines.has(path)) {
        socket.destroy();
        throw nonsense(`the number ${path} for a socket`);
      }
      lines.set(path, lineOver(socket));
      lines.get(path)!.keepAlive(pending.size > 0);
    },
    release() {
      const socket = atRest().release();
      rest();
      ended = new StowageError('bug', 'the connection was given away');
      return socket;
    },
    get isOpen() {
      return ended === undefined;
    },
    get inFlight() {
      return pending.size;
    },
    close: (reason) => end(reason ?? new StowageError('unavailable', 'the connection was closed here')),
  };
}

/** What follows a request is data of a file, and goes where data goes. */
function isData({ name }: Request): boolean {
  return name === 'write' || name === 'pgwrite';
}
