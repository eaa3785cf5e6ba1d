import type { Socket } from 'node:net';
import { StowageError } from '../../errors.ts';
import type { FrameReader } from './frame.ts';

/** One socket of a channel. */
export interface Line {
  /** Sends what is written in this turn of the event loop in one piece. */
  write(...pieces: readonly Uint8Array[]): void;
  /** When something came or went last, by `performance.now()`. What is sent counts as a sign of life: a large write is answered at its end. */
  lastLifeMs(now: number): number;
  /** True between two replies. */
  readonly isAtRest: boolean;
  /** While something is awaited, the process is kept alive. */
  keepAlive(is: boolean): void;
  /** Listens no more, and gives the socket away. */
  release(): Socket;
  destroy(): void;
}

/** Most bytes that are copied so that they go in one piece. */
const togetherBytes = 64 << 10;

/** Hands what comes over a socket to a reader. `ended` is told why nothing more comes. */
export function newLine(socket: Socket, reader: FrameReader, ended: (reason: StowageError) => void): Line {
  let lastMs = performance.now();
  let sentBytes = 0;
  const waiting: Uint8Array[] = [];

  function onData(piece: Buffer): void {
    lastMs = performance.now();
    try {
      reader.push(piece);
    } catch (error) {
      ended(
        error instanceof StowageError ? error : new StowageError('bug', 'a reply could not be taken', { cause: error }),
      );
    }
  }
  const onError = (error: Error) =>
    ended(new StowageError('unavailable', `the connection broke: ${error.message}`, { cause: error }));
  const onClose = () => ended(new StowageError('unavailable', 'the server closed the connection'));
  /** Small pieces are put together: one long write is cheaper than one of many parts. */
  function flush(): void {
    const pieces = waiting.splice(0);
    const bytes = pieces.reduce((sum, one) => sum + one.length, 0);
    if (pieces.length > 1 && bytes <= togetherBytes) {
      socket.write(Buffer.concat(pieces, bytes));
      return;
    }
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  }
  socket.on('data', onData).on('error', onError).on('close', onClose);

  return {
    write(...pieces) {
      if (waiting.length === 0) process.nextTick(flush);
      waiting.push(...pieces);
    },
    lastLifeMs(now) {
      const sent = socket.bytesWritten - socket.writableLength;
      if (sent !== sentBytes) {
        sentBytes = sent;
        lastMs = now;
      }
      return lastMs;
    },
    get isAtRest() {
      return reader.isAtRest;
    },
    keepAlive(is) {
      if (is) socket.ref();
      else socket.unref();
    },
    release() {
      // Its errors stay ours until somebody else listens.
      socket.off('data', onData).off('close', onClose);
      return socket;
    },
    destroy: () => void socket.destroy(),
  };
}
