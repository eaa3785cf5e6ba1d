import { StowageError } from '../../errors.ts';
import { replyStatus } from './protocol.ts';

/** The head of a reply: whose it is, what it means, and how many bytes follow. */
export interface FrameHeader {
  readonly stream: number;
  readonly status: number;
  readonly bytes: number;
}

/** A whole reply. `data` follows the body of a kXR_status alone. */
export interface Frame extends FrameHeader {
  readonly body: Uint8Array;
  readonly data?: Uint8Array;
}

/** Says where the parts of a reply go, and takes it. Throwing ends the reading: what the server sends makes no sense to us. */
export interface FrameSink {
  /** A place of exactly `header.bytes`. Throws if that is more than can be wanted. */
  room(header: FrameHeader): Uint8Array;
  /** A place of exactly this many bytes, for the data behind the body of a kXR_status. */
  dataRoom(header: FrameHeader, body: Uint8Array, bytes: number): Uint8Array;
  take(frame: Frame): void;
}

/** Takes bytes as they come from the network, in pieces of any size. */
export interface FrameReader {
  push(piece: Uint8Array): void;
  /** True between two replies: no part of one is waiting for its rest. */
  readonly isAtRest: boolean;
}

/** Length of the head of a reply: stream id, status, length of the body. */
const headBytes = 8;

/** Where the body of a kXR_status says how much data follows it (2.4.8): behind its checksum, stream id, request, kind and four reserved bytes. */
export const statusBodyBytes = 16;

/** Cuts what a server sends into replies. Memory is what the sink gives, and eight bytes. */
export function newFrameReader(sink: FrameSink): FrameReader {
  const head = Buffer.alloc(headBytes);
  let header: FrameHeader | undefined;
  let body: Uint8Array | undefined;
  // The part that is being filled, and how far.
  let part: Uint8Array = head;
  let filled = 0;

  function start(next: Uint8Array): void {
    part = next;
    filled = 0;
  }

  function finish(data?: Uint8Array): void {
    const frame = { ...header!, body: body!, ...(data === undefined ? {} : { data }) };
    header = undefined;
    body = undefined;
    start(head);
    sink.take(frame);
  }

  /** What a full part leads to. */
  function step(): void {
    if (header === undefined) {
      header = { stream: head.readUInt16BE(0), status: head.readUInt16BE(2), bytes: head.readInt32BE(4) };
      if (header.bytes < 0) throw nonsense(`a reply of ${header.bytes} bytes`);
      start(exactly(sink.room(header), header.bytes));
    } else if (body === undefined) {
      body = part;
      if (header.status !== replyStatus.status) {
        finish();
        return;
      }
      if (body.length < statusBodyBytes) throw nonsense(`a status of ${body.length} bytes`);
      const bytes = new DataView(body.buffer, body.byteOffset, body.length).getInt32(statusBodyBytes - 4);
      if (bytes < 0) throw nonsense(`${bytes} bytes of data`);
      start(exactly(sink.dataRoom(header, body, bytes), bytes));
    } else {
      finish(part);
    }
  }

  return {
    push(piece) {
      let from = 0;
      for (;;) {
        const wanted = part.length - filled;
        const take = Math.min(wanted, piece.length - from);
        if (take > 0) {
          part.set(take === piece.length ? piece : piece.subarray(from, from + take), filled);
          filled += take;
          from += take;
        }
        if (filled < part.length) return;
        step();
        // A part of no bytes is full without any more of them; a head never is.
        if (from === piece.length && part.length > 0) return;
      }
    },
    get isAtRest() {
      return header === undefined && filled === 0;
    },
  };
}

function exactly(room: Uint8Array, bytes: number): Uint8Array {
  if (room.length !== bytes) throw new StowageError('bug', `room for ${room.length} bytes was given to ${bytes}`);
  return room;
}

/** What the server sent is no XRootD, or not what was asked for. */
export function nonsense(what: string): StowageError {
  return new StowageError('unavailable', `the server sent ${what}, which means nothing here`, {
    hint: 'is it an XRootD server? If it is, report this',
    facts: { errno: 'EBADMSG' },
  });
}
