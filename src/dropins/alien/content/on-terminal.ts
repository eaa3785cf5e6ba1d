import { createReadStream, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { StowageError } from '../../../errors.ts';
import { runInTerminal } from '../../../programs/run-in-terminal.ts';
import type { Context } from '../client-command.ts';
import type { Outcome } from '../outcome.ts';

/**
 * Runs a program with the terminal, and gives its exit status. In a pipe, what it prints goes there: it is put into the folder first, for the pipe is only begun when the program has ended well. What it
 * reads is then open, so that the folder may go.
 */
export async function onTerminal(
  context: Context,
  program: string,
  args: readonly string[],
  folder: string,
): Promise<Outcome> {
  if (context.signal?.aborted) throw new StowageError('interrupted', 'interrupted');
  if (!context.piped) {
    return { status: await context.lendTerminal(() => runInTerminal(program, args)), out: '', err: '' };
  }
  const path = `${folder}/output`;
  const status = await context.lendTerminal(() =>
    runInTerminal(program, args, { output: openSync(path, 'wx', 0o600) }),
  );
  const file = await open(path, 'r');
  return { status, out: '', err: '', content: createReadStream('', { fd: file }) };
}
