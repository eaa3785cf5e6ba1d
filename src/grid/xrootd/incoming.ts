import { type Frame, type FrameReader, type FrameSink, newFrameReader, nonsense } from './frame.ts';
import type { Pending, Reply } from './pending.ts';
import { attnAction, replyStatus } from './protocol.ts';
import { waitReply } from './reply.ts';

/** Most bytes of a reply that is no answer itself: a redirect, an error, a wait. */
const asideBytes = 65_536;

/** Most bytes around a late reply: its own head and that of the kXR_attn. */
const lateHeadBytes = 16;

/** What replies do to the calls that wait for them. */
export interface Incoming {
  /** By stream id. */
  readonly pending: ReadonlyMap<number, Pending>;
  /** The answer is whole, or the server has said something else. */
  settle(stream: number, call: Pending, reply: Reply): void;
  /** The server promises an answer for later, within so many seconds. */
  promised(call: Pending, seconds: number): void;
}

const asides = {
  [replyStatus.authmore]: 'more',
  [replyStatus.error]: 'error',
  [replyStatus.redirect]: 'redirect',
  [replyStatus.wait]: 'wait',
} as const;

/** Reads replies and brings each to its call. Throws at the first that nobody asked for, or that is larger than what was asked for. */
export function incomingReplies({ pending, settle, promised }: Incoming): FrameReader {
  function answered(stream: number): Pending {
    const call = pending.get(stream);
    if (call === undefined) throw nonsense(`a reply to stream ${stream}, on which nothing was asked`);
    return call;
  }

  const sink: FrameSink = {
    room({ stream, status, bytes }) {
      if (status === replyStatus.attn) return Buffer.allocUnsafe(atMost(bytes, largest(pending) + lateHeadBytes));
      const call = answered(stream);
      // Only what is part of the answer counts against what was asked for.
      if (status === replyStatus.ok || status === replyStatus.oksofar) return call.room(bytes);
      return Buffer.allocUnsafe(atMost(bytes, asideBytes));
    },
    dataRoom({ stream }, _, bytes) {
      return Buffer.allocUnsafe(atMost(bytes, answered(stream).wanted.pageBytes ?? 0));
    },
    take(frame) {
      if (frame.status === replyStatus.attn) takeLate(frame.body);
      else takeReply(frame);
    },
  };

  function takeReply({ stream, status, body, data }: Frame): void {
    const call = answered(stream);
    if (status === replyStatus.oksofar) return;
    if (status === replyStatus.ok) {
      settle(stream, call, { kind: 'ok', body: call.isAbandoned ? body : call.whole() });
    } else if (status === replyStatus.waitresp) {
      promised(call, waitReply(body));
    } else if (status === replyStatus.status) {
      if (!call.isAbandoned) call.wanted.pages?.(body, data ?? Buffer.alloc(0));
      // Kind 0 is the last; 1 is a part of the answer, 2 a sign of life.
      if (body[7] === 0) settle(stream, call, { kind: 'status', body });
    } else if (status in asides) {
      settle(stream, call, { kind: asides[status as keyof typeof asides], body });
    } else {
      throw nonsense(`a reply of kind ${status}`);
    }
  }

  /** A kXR_attn: a reply that was promised, with a head of its own, or a message that we do not keep. */
  function takeLate(body: Uint8Array): void {
    if (body.length < 4) throw nonsense(`a kXR_attn of ${body.length} bytes`);
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (view.getInt32(0) !== attnAction.reply) return;
    if (body.length < lateHeadBytes) throw nonsense(`a late reply of ${body.length} bytes`);
    const [stream, status, bytes] = [view.getUint16(8), view.getUint16(10), view.getInt32(12)];
    const rest = body.subarray(lateHeadBytes);
    const call = answered(stream);
    if (bytes !== rest.length || call.lateUntilMs === undefined) throw nonsense('a late reply that was not promised');
    if (status === replyStatus.status || status === replyStatus.attn) throw nonsense('a late reply of no kind');
    if (status === replyStatus.ok || status === replyStatus.oksofar) call.room(bytes).set(rest);
    takeReply({ stream, status, bytes, body: rest });
  }

  return newFrameReader(sink);
}

function largest(pending: ReadonlyMap<number, Pending>): number {
  let most = 0;
  for (const { wanted } of pending.values()) most = Math.max(most, wanted.into?.length ?? wanted.mostBytes);
  return most;
}

function atMost(bytes: number, most: number): number {
  if (bytes > most) throw nonsense(`${bytes} bytes where at most ${most} have a place`);
  return bytes;
}
