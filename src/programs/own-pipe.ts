import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A pipe whose bytes are read into memory that is used again. For what Node reads from a pipe of its own it takes new memory each time, and gigabytes of that are garbage to be collected. */
export interface OwnPipe {
  /** What a program gets as its output. To be destroyed here as soon as the program has it: else there is no end. */
  readonly writeEnd: Socket;
  /** The next bytes, at the speed at which they are asked for; undefined at the end. Their memory is used again once the next but one are asked for. One call at a time. */
  hear(): Promise<Uint8Array | undefined>;
  /** Lets go of it: whoever writes on gets EPIPE, whoever waits for bytes the end. Doing it again does nothing. */
  close(): void;
}

/** A socket holds a little less at once. */
const pieceBytes = 256 * 1024;
/** Of these one is being filled, and the two that were given out last may still be looked at. */
const pieces = 6;
const mostWaiting = pieces - 3;
/** Of a socket, in bytes: 103 on macOS, 107 on Linux (unix(7)). */
const longestName = 103;

/** Makes a pipe, by way of a socket in a folder that nobody else can enter; it is gone when this resolves. Throws what the system says: the name of the folder may be too long for a socket. */
export async function ownPipe(folder: string): Promise<OwnPipe> {
  const server = createServer({ pauseOnConnect: true });
  try {
    const path = `${folder}/pipe`;
    // Libuv cuts what is longer, and the socket lies somewhere else.
    if (Buffer.byteLength(path) > longestName) throw new Error(`ENAMETOOLONG: ${path} is too long for a socket`);
    await once(server.listen(path), 'listening');
    const accepted = once(server, 'connection');
    const readEnd = reader(path);
    await once(readEnd.socket, 'connect');
    const [writeEnd] = (await accepted) as [Socket];
    return { writeEnd, hear: readEnd.hear, close: () => void readEnd.socket.destroy() };
  } finally {
    // With the name of its socket.
    server.close();
  }
}

function reader(path: string) {
  const memory = Array.from({ length: pieces }, () => Buffer.allocUnsafeSlow(pieceBytes));
  const waiting: Uint8Array[] = [];
  let turn = 0;
  let isOver = false;
  let isPaused = false;
  let wake: () => void = () => undefined;
  const socket = connect({
    path,
    onread: {
      buffer() {
        turn = (turn + 1) % pieces;
        return memory[turn]!;
      },
      callback(length, piece) {
        waiting.push(piece.subarray(0, length));
        wake();
        isPaused = waiting.length >= mostWaiting;
        return !isPaused;
      },
    },
  });
  const over = (): void => {
    isOver = true;
    wake();
  };
  // An error is followed by the close; of a pipe there is nothing more to say.
  socket.on('error', () => undefined);
  socket.once('end', over);
  socket.once('close', over);
  return {
    socket,
    async hear(): Promise<Uint8Array | undefined> {
      while (waiting.length === 0) {
        if (isOver) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const piece = waiting.shift();
      if (isPaused) {
        isPaused = false;
        socket.resume();
      }
      return piece;
    },
  };
}
