import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { refuseUnspeakable, startFailure } from './program-failure.ts';

/** How a program is run for a person to look at. */
export interface TerminalOptions {
  readonly cwd?: string;
  /** Instead of our standard input. */
  readonly input?: string | Uint8Array;
}

/**
 * Runs a program with our own standard input, output and error, as a shell would, and gives its exit status: 128 and the number of the
 * signal for one that a signal ended. A Ctrl-C on the terminal is for it and not for us. Rejects with `program` if it cannot be started.
 */
export async function runInTerminal(
  program: string,
  args: readonly string[],
  { cwd, input }: TerminalOptions = {},
): Promise<number> {
  refuseUnspeakable(program, [program, ...args]);
  const ignore = () => {};
  process.on('SIGINT', ignore);
  process.on('SIGQUIT', ignore);
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        stdio: [input === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'],
        ...(cwd === undefined ? {} : { cwd }),
      });
      child.on('error', (error) => reject(startFailure(program, args, cwd, process.env.PATH, error)));
      child.on('close', (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
      if (input !== undefined) {
        // A program may end without having read all (`head`).
        child.stdin?.on('error', ignore);
        child.stdin?.end(input);
      }
    });
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGQUIT', ignore);
  }
}
