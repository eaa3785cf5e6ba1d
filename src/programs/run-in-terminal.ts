import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { refuseUnspeakable, startFailure } from './program-failure.ts';

/** How a program is run for a person to look at. */
export interface TerminalOptions {
  readonly cwd?: string;
  /** Instead of our standard input. What it cannot give rejects here, once the program has ended. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** An open file instead of our standard output; it is closed. */
  readonly output?: number;
}

/**
 * Runs a program with our own standard input, output and error, as a shell would, and gives its exit status: 128 and the number of the
 * signal for one that a signal ended. A Ctrl-C on the terminal is for it and not for us. Rejects with `program` if it cannot be started.
 */
export async function runInTerminal(
  program: string,
  args: readonly string[],
  { cwd, input, output }: TerminalOptions = {},
): Promise<number> {
  refuseUnspeakable(program, [program, ...args]);
  process.on('SIGINT', ignore);
  process.on('SIGQUIT', ignore);
  try {
    let giving: Promise<void> = Promise.resolve();
    const status = await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, {
        stdio: [input === undefined ? 'inherit' : 'pipe', output ?? 'inherit', 'inherit'],
        ...(cwd === undefined ? {} : { cwd }),
      });
      child.on('error', (error) => reject(startFailure(program, args, cwd, process.env.PATH, error)));
      child.on('close', (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
      if (input !== undefined) {
        giving = give(input, child.stdin!);
        giving.catch(ignore);
      }
    });
    await giving;
    return status;
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGQUIT', ignore);
    if (output !== undefined) closeSync(output);
  }
}

const ignore = () => {};

/** Gives all of it, or what is taken: a program may end without having read all (`head`). */
async function give(input: NonNullable<TerminalOptions['input']>, to: Writable): Promise<void> {
  let isTaken = true;
  to.on('error', () => {
    isTaken = false;
  });
  if (typeof input === 'string' || input instanceof Uint8Array) return void to.end(input);
  const gone = once(to, 'close').catch(ignore);
  try {
    for await (const chunk of input) {
      if (!isTaken) break;
      if (!to.write(chunk)) await Promise.race([once(to, 'drain'), gone]).catch(() => undefined);
    }
  } finally {
    to.end();
  }
}
