import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Conversation } from '../../programs/conversation.ts';

/** What a peer says, in pieces. Every way in which a session can end early comes out of here as an error. */
export interface SessionEar {
  /** The next bytes, one at least. Throws `unavailable` when the peer is silent for too long or the session ends, `interrupted` when we were. */
  next(): Promise<Uint8Array>;
  /** What was taken and not used comes again. */
  giveBack(rest: Uint8Array): void;
  /** All up to a mark, which is taken off. Throws `unavailable` if there are more than so many bytes before it. */
  until(mark: Buffer, longest: number): Promise<Buffer>;
  /** How long it may be silent from now on. */
  allow(silenceMs: number): void;
  /** Ends the session; whoever listens gets this error. */
  fail(error: StowageError): void;
}

/** Listens to a conversation with a peer. */
export function sessionEar(talk: Conversation, peer: string, silenceMs: number): SessionEar {
  const name = displayName(peer);
  let allowed = silenceMs;
  let held: Uint8Array = new Uint8Array();
  let reason: StowageError | undefined;

  function fail(error: StowageError): void {
    reason ??= error;
    void talk.stop();
  }
  async function next(): Promise<Uint8Array> {
    if (held.length > 0) {
      const chunk = held;
      held = new Uint8Array();
      return chunk;
    }
    let isHeard = false;
    const judge = (): void => {
      if (!isHeard) fail(silent());
    };
    // Behind what has come: where it was us who stood still, it may have been said.
    const timer = setTimeout(() => setImmediate(judge), allowed);
    const chunk = await talk.hear();
    isHeard = true;
    clearTimeout(timer);
    if (chunk !== undefined && reason === undefined) return chunk;
    throw reason ?? (await ending());
  }
  function silent(): StowageError {
    return new StowageError('unavailable', `peer '${name}' said nothing for ${allowed / 1000} s`, {
      facts: { peer, broken: true },
    });
  }
  async function ending(): Promise<unknown> {
    try {
      await talk.ended;
      return new StowageError('unavailable', `the session with peer '${name}' ended early`, {
        facts: { peer, broken: true },
      });
    } catch (error) {
      if (isStowageError(error, 'interrupted')) return error;
      return new StowageError('unavailable', `the session with peer '${name}' broke off: ${plainReason(error)}`, {
        facts: { peer, broken: true },
        cause: error,
      });
    }
  }
  return {
    next,
    fail,
    giveBack(rest) {
      held = rest;
    },
    allow(ms) {
      allowed = ms;
    },
    async until(mark, longest) {
      const parts: Buffer[] = [];
      let length = 0;
      let rest: Buffer = Buffer.alloc(0);
      for (;;) {
        const chunk = await next();
        const all =
          rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
        const at = all.indexOf(mark);
        if (at >= 0) {
          held = all.subarray(at + mark.length);
          return Buffer.concat([...parts, all.subarray(0, at)]);
        }
        // What may be the beginning of the mark stays.
        const sure = Math.max(0, all.length - mark.length + 1);
        parts.push(Buffer.from(all.subarray(0, sure)));
        rest = all.subarray(sure);
        length += sure;
        if (length > longest) {
          fail(
            new StowageError('unavailable', `peer '${name}' says more than it was asked`, {
              facts: { peer, broken: true },
            }),
          );
        }
      }
    },
  };
}
