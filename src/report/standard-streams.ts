import { plainReason, systemCode } from '../errors.ts';
import type { Output } from './reporter.ts';

/** The standard streams of this process. That nobody reads them, or that they cannot be written, stops no work. */
export interface StandardStreams extends Output {
  /** `reader`: whoever read standard output has gone, as `head` does; `unwritable`: it could not be written, which is told once on standard error. */
  lost(): 'reader' | 'unwritable' | undefined;
}

/** Takes both streams; a process does it once. `program` is who speaks. */
export function standardStreams(program: string): StandardStreams {
  let lost: ReturnType<StandardStreams['lost']>;
  let isDeaf = false;
  const err = (text: string): void => {
    if (!isDeaf) process.stderr.write(text);
  };
  process.stderr.on('error', () => {
    // Nowhere to say it; the exit status still tells how the work went.
    isDeaf = true;
  });
  process.stdout.on('error', (error) => {
    if (lost !== undefined) return;
    lost = systemCode(error) === 'EPIPE' ? 'reader' : 'unwritable';
    if (lost === 'unwritable') err(`${program}: cannot write to standard output: ${plainReason(error)}\n`);
  });
  return {
    out: (text) => {
      if (lost === undefined) process.stdout.write(text);
    },
    err,
    lost: () => lost,
  };
}

/** Has the process end with `status`, where it would end with 0 although its results could not be written. */
export function endTruly({ lost }: StandardStreams, status: number): void {
  // At the very end: the error of the last write comes later than the end of the work.
  process.on('exit', (code) => {
    if (code === 0 && lost() === 'unwritable') process.exitCode = status;
  });
}
