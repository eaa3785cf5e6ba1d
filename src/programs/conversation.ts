import { Writable } from 'node:stream';
import type { OwnPipe } from './own-pipe.ts';
import type { ProgramResult } from './program-result.ts';
import { type ProgramOptions, runProgram } from './run-program.ts';

/** A program that is talked to while it runs. */
export interface Conversation {
  /** Queues bytes for its standard input. */
  say(bytes: Uint8Array): void;
  /** The end of its standard input. Doing it again does nothing. */
  finish(): void;
  /** The next bytes of its standard output, at the speed at which they are asked for; undefined at the end. Their memory is used again once the next but one are asked for. One call at a time. */
  hear(): Promise<Uint8Array | undefined>;
  /** How it ended; rejects as `runProgram` does. */
  readonly ended: Promise<ProgramResult>;
  /** Lets go of its output, ends its input, and stops what is left of it. */
  stop(): Promise<void>;
}

export type ConversationOptions = Omit<ProgramOptions, 'input' | 'output' | 'outputEnd' | 'signal'> & {
  readonly signal?: AbortSignal;
  /** What its standard output goes through, where that of Node is too slow. */
  readonly pipe?: OwnPipe;
};

/** Starts a program for a conversation. That it could not be started is told by `ended`, and by the end of its output. */
export function converse(
  program: string,
  args: readonly string[],
  { pipe, ...options }: ConversationOptions = {},
): Conversation {
  const mouth = speaker();
  const ear = pipe === undefined ? listener() : earOf(pipe);
  const stopped = new AbortController();
  const signal = options.signal === undefined ? stopped.signal : AbortSignal.any([options.signal, stopped.signal]);
  const ended = runProgram(program, args, { ...options, signal, input: mouth.words(), ...ear.takes });
  const over = ended.then(
    () => undefined,
    () => undefined,
  );
  void over.then(() => {
    mouth.finish();
    ear.over();
  });
  return {
    say: mouth.say,
    finish: mouth.finish,
    hear: ear.hear,
    ended,
    async stop() {
      mouth.finish();
      ear.close();
      stopped.abort();
      await over;
    },
  };
}

/** What hears the output of a program. */
interface Ear {
  /** What the program is started with. */
  readonly takes: Pick<ProgramOptions, 'output' | 'outputEnd'>;
  hear(): Promise<Uint8Array | undefined>;
  /** The program has ended, or was never started: no more comes but what is on its way. */
  over(): void;
  /** Nothing is heard any more. */
  close(): void;
}

function earOf({ writeEnd, hear, close }: OwnPipe): Ear {
  return { takes: { outputEnd: writeEnd }, hear, over: () => void writeEnd.destroy(), close };
}

function speaker() {
  const waiting: Uint8Array[] = [];
  let done = false;
  let wake: () => void = () => undefined;
  async function* words(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (done) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    words,
    say(bytes: Uint8Array) {
      waiting.push(bytes);
      wake();
    },
    finish() {
      done = true;
      wake();
    },
  };
}

/** A stream that holds one chunk until it is taken. */
function listener(): Ear {
  let held: { readonly chunk: Uint8Array; readonly taken: () => void } | undefined;
  let ended = false;
  let wake: () => void = () => undefined;
  const stream = new Writable({
    highWaterMark: 1024 * 1024,
    write(chunk: Uint8Array, _, taken) {
      held = { chunk, taken };
      wake();
    },
    final(done) {
      ended = true;
      wake();
      done();
    },
    destroy(error, done) {
      ended = true;
      wake();
      done(error);
    },
  });
  stream.on('error', () => undefined);
  return {
    takes: { output: stream },
    async hear(): Promise<Uint8Array | undefined> {
      while (held === undefined) {
        if (ended) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const { chunk, taken } = held;
      held = undefined;
      taken();
      return chunk;
    },
    over() {
      if (!stream.writableEnded && !stream.destroyed) stream.end();
    },
    close: () => void stream.destroy(),
  };
}
