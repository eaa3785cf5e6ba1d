import { nameFromBytes } from '../../model/byte-name.ts';

/** Standard input, of which lines and bytes can be taken in turn. */
export interface Input {
  /** The next line without its end; undefined at the end of the input. */
  line(): Promise<string | undefined>;
  /** What no line has taken. */
  readonly rest: AsyncIterator<Uint8Array>;
  /** Nothing more is wanted. */
  close(): void;
}

/** Reads a stream, which is not touched before something is asked of it. */
export function inputFrom(open: () => NodeJS.ReadableStream): Input {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  let waiting: Buffer = Buffer.alloc(0);
  const next = async (): Promise<Buffer | undefined> => {
    chunks ??= open()[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const { done, value } = await chunks.next();
    return done === true ? undefined : Buffer.from(value);
  };
  return {
    async line() {
      for (let from = 0; ; ) {
        const end = waiting.indexOf(10, from);
        if (end >= 0) {
          const line = waiting.subarray(0, end);
          waiting = waiting.subarray(end + 1);
          return nameFromBytes(line);
        }
        from = waiting.length;
        const more = await next();
        if (more !== undefined) waiting = Buffer.concat([waiting, more]);
        else if (waiting.length === 0) return undefined;
        else {
          const line = waiting;
          waiting = Buffer.alloc(0);
          return nameFromBytes(line);
        }
      }
    },
    rest: {
      async next() {
        const there = waiting.length > 0 ? waiting : await next();
        waiting = Buffer.alloc(0);
        return there === undefined ? { done: true, value: undefined } : { done: false, value: there };
      },
    },
    close() {
      void chunks?.return?.();
    },
  };
}

/** Lines of a text, one after the other. */
export function linesOf(text: string): () => Promise<string | undefined> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let at = 0;
  return async () => lines[at++];
}
