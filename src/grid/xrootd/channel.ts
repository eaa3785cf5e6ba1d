import type { Socket } from 'node:net';
import { StowageError } from '../../errors.ts';
import { nonsense } from './frame.ts';
import { incomingReplies } from './incoming.ts';
import type { Limits } from './limits.ts';
import { lostConnection, stopped, timedOut } from './lost-connection.ts';
import { newPending, type Pending, type Reply, type Wanted } from './pending.ts';
import { type Request, requestHead } from './request.ts';

/** Many requests in flight over one socket, told apart by their stream ids. */
export interface Channel {
  /** Sends a request. Rejects where the connection is lost, the server is silent, or the caller's signal says so. */
  call(request: Request, wanted: Wanted): Promise<Reply>;
  /** Sends what is no request, and awaits the answer to stream 0. */
  greet(bytes: Uint8Array, wanted: Wanted): Promise<Reply>;
  /** Goes on over another socket, as TLS is one over what was there. Nothing may be in flight. */
  replace(encrypt: (plain: Socket) => Promise<Socket>): Promise<void>;
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
  let socket = first;
  let ended: StowageError | undefined;
  let abandoned = 0;
  let nextStream = 1;
  let lastByteMs = performance.now();
  let sentBytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const promised = (call: Pending, seconds: number): void => {
    call.lateUntilMs = performance.now() + Math.min(limits.waitMs, seconds * 1000 + limits.silenceMs);
  };
  const reader = incomingReplies({ pending, settle, promised });

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
    socket.unref();
  }

  function end(reason: StowageError): void {
    if (ended !== undefined) return;
    ended = reason;
    rest();
    socket.destroy();
    const calls = [...pending.values()];
    pending.clear();
    for (const call of calls) call.reject(lostConnection(call.wanted.what, server, reason));
  }

  function onData(piece: Buffer): void {
    lastByteMs = performance.now();
    try {
      reader.push(piece);
    } catch (error) {
      end(
        error instanceof StowageError ? error : new StowageError('bug', 'a reply could not be taken', { cause: error }),
      );
    }
  }
  const onError = (error: Error) =>
    end(new StowageError('unavailable', `the connection broke: ${error.message}`, { cause: error }));
  const onClose = () => end(new StowageError('unavailable', 'the server closed the connection'));

  function attach(to: Socket): void {
    socket = to;
    socket.on('data', onData).on('error', onError).on('close', onClose);
  }

  /** Looks for what takes too long. What is sent counts as a sign of life: a large write is answered at its end. */
  function look(): void {
    const now = performance.now();
    if (socket.bytesWritten - socket.writableLength !== sentBytes) {
      sentBytes = socket.bytesWritten - socket.writableLength;
      lastByteMs = now;
    }
    let isSilent = false;
    for (const call of pending.values()) {
      const tooLate = call.lateUntilMs !== undefined ? now > call.lateUntilMs : now - call.startedMs > limits.requestMs;
      if (tooLate && !call.isAbandoned) abandon(call, timedOut(call.wanted.what, server, now - call.startedMs));
      if (call.lateUntilMs === undefined && now - Math.max(lastByteMs, call.startedMs) > limits.silenceMs)
        isSilent = true;
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

  function send(stream: number, wanted: Wanted, write: () => void): Promise<Reply> {
    const { signal, what } = wanted;
    if (ended !== undefined) return Promise.reject(lostConnection(what, server, ended));
    if (signal?.aborted === true) return Promise.reject(stopped(what, signal));
    return new Promise<Reply>((resolve, reject) => {
      const onAbort = () => abandon(call, stopped(what, signal!));
      const forget = () => signal?.removeEventListener('abort', onAbort);
      const call = newPending(wanted, performance.now(), {
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
      socket.ref();
      pending.set(stream, call);
      timer ??= setInterval(
        look,
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

  attach(first);
  return {
    call(request, wanted) {
      if (pending.size >= 0xfff0) throw new StowageError('bug', 'more requests than a connection has numbers for');
      const stream = freeStream();
      return send(stream, wanted, () => {
        socket.cork();
        socket.write(requestHead(stream, request));
        if (request.payload !== undefined) socket.write(request.payload);
        process.nextTick(() => socket.uncork());
      });
    },
    greet: (bytes, wanted) => send(0, wanted, () => socket.write(bytes)),
    async replace(encrypt) {
      if (pending.size > 0 || !reader.isAtRest) throw nonsense('more than was asked for, before the encryption');
      const plain = socket;
      plain.off('data', onData).off('close', onClose);
      try {
        attach(await encrypt(plain));
      } catch (error) {
        end(error as StowageError);
        throw error;
      }
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
