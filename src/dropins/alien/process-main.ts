import { once } from 'node:events';
import { plainReason } from '../../errors.ts';
import { main } from './main.ts';

/** Runs the command for this process, on its own streams and signals, and gives its exit status. `program` is the name that it was called by. */
export async function runInProcess(program: string, argv: readonly string[]): Promise<number> {
  let unwritten: NodeJS.ErrnoException | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has enough (`| head`) is no fault: we end as other programs do.
    if (error.code === 'EPIPE') process.kill(process.pid, 'SIGPIPE');
    unwritten ??= error;
  });
  // Nowhere to say it; the exit status still tells.
  process.stderr.on('error', () => undefined);
  // At the very end: the error of the last write comes later than the end of the work.
  process.on('exit', (code) => {
    if (code !== 0 || unwritten === undefined) return;
    process.exitCode = -(unwritten.errno ?? -5);
    process.stderr.write(`cannot write to standard output: ${plainReason(unwritten)}\n`);
  });
  const abort = new AbortController();
  if (argv.length > 0) {
    // A second one ends it as the system does. The shell has a Ctrl-C of its own.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(signal));
  }
  return main(program, argv, {
    env: process.env,
    output: {
      out: (text) => void process.stdout.write(text),
      bytes: async (chunk) => {
        if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
      },
      err: (text) => void process.stderr.write(text),
      ...(process.stdout.isTTY && process.stderr.isTTY
        ? {
            terminal: {
              write: (text: string) => void process.stderr.write(text),
              columns: () => process.stderr.columns || 80,
            },
          }
        : {}),
    },
    signal: abort.signal,
    askPassphrase: async (name) => {
      const { askPassphrase } = await import('./ask-passphrase.ts');
      return askPassphrase(name);
    },
  });
}
