import { StowageError } from '../../errors.ts';
import { version } from '../../version.ts';
import { lineLog, tellError } from './log.ts';
import { options } from './options.ts';
import type { RunOptions } from './stages.ts';

/** Where the command writes. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const streams: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/**
 * The command `missing_from_hpss` with its command line (without the program's name). Gives its exit status: 0 if every file is, or would be, in
 * exactly one archive or in none by a rule; 1 if anything is not as it should be; 2 for a wrong command line; 130 if it was stopped by the signals in `run`. Never throws.
 */
export async function main(
  argv: readonly string[] = process.argv.slice(2),
  output: Output = streams,
  run: RunOptions = {},
): Promise<number> {
  const wanted = options(argv, version);
  if ('status' in wanted) {
    output.out(wanted.out);
    output.err(wanted.err);
    return wanted.status;
  }
  const log = lineLog((text) => output.err(text), wanted.verbose ? 'DEBUG' : wanted.test ? 'INFO' : 'WARNING');
  try {
    const { stages } = await import('./stages.ts');
    return (await stages(wanted, log, run)) ? 0 : 1;
  } catch (error) {
    const isStopped = run.stop?.aborted === true || run.signal?.aborted === true;
    tellError(log, isStopped ? interrupted(error) : error);
    return isStopped ? 130 : 1;
  }
}

function interrupted(cause: unknown): StowageError {
  return new StowageError('interrupted', 'interrupted; no cache is half written', {
    hint: 'run the same command again: what is stored is not stored twice',
    cause,
  });
}
