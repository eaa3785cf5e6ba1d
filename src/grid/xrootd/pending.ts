import type { StowageError } from '../../errors.ts';
import { nonsense } from './frame.ts';

/** What a call wants to get. */
export interface Wanted {
  /** What is being done, for messages: `cannot read root://…`. */
  readonly what: string;
  readonly signal?: AbortSignal;
  /** Where the bytes of a file go; an answer of more than that is refused. */
  readonly into?: Uint8Array;
  /** Takes the data behind a kXR_status of that body. */
  readonly pages?: (body: Uint8Array, data: Uint8Array) => void;
  /** Most bytes of data behind one kXR_status. */
  readonly pageBytes?: number;
  /** Most bytes of an answer, where it is no data of a file. */
  readonly mostBytes: number;
}

/** How a call ended. */
export type Reply =
  | { readonly kind: 'ok'; readonly body: Uint8Array }
  | { readonly kind: 'more' | 'redirect' | 'wait' | 'error' | 'status'; readonly body: Uint8Array };

/** A call that has yet to be answered. */
export interface Pending {
  readonly wanted: Wanted;
  /** The number of the socket over which its data goes. */
  readonly path: number;
  readonly startedMs: number;
  /** It was told that its answer comes late; until when that is waited for. */
  lateUntilMs: number | undefined;
  /** Nobody waits for it any more; its answer is thrown away when it comes. */
  isAbandoned: boolean;
  /** Of an answer in parts: the next place. */
  room(bytes: number): Uint8Array;
  /** All that came. */
  whole(): Uint8Array;
  resolve(reply: Reply): void;
  reject(error: StowageError): void;
}

/** A call whose answer is put together from its parts. */
export function newPending(
  wanted: Wanted,
  path: number,
  startedMs: number,
  settle: { resolve(reply: Reply): void; reject(error: StowageError): void },
): Pending {
  let filled = 0;
  // An answer in many parts grows in one place: however small they are, they cost no more than they hold.
  let held: Uint8Array = Buffer.alloc(0);
  return {
    wanted,
    path,
    startedMs,
    lateUntilMs: undefined,
    isAbandoned: false,
    room(bytes) {
      const { into, mostBytes } = wanted;
      const most = into === undefined ? mostBytes : into.length;
      if (bytes > most - filled) throw nonsense(`${filled + bytes} bytes where at most ${most} were asked for`);
      filled += bytes;
      // What nobody wants any more goes where it harms nobody: the caller may have given the place to others.
      if (this.isAbandoned) return Buffer.allocUnsafe(bytes);
      if (into !== undefined) return into.subarray(filled - bytes, filled);
      if (filled > held.length) {
        const larger = Buffer.allocUnsafe(held.length === 0 ? filled : Math.min(mostBytes, filled * 2));
        larger.set(held);
        held = larger;
      }
      return held.subarray(filled - bytes, filled);
    },
    whole: () => (wanted.into ?? held).subarray(0, filled),
    ...settle,
  };
}
