#!/usr/bin/env node
import { main } from './main.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has enough (`| head`) is no fault; alien.py ends with 1.
  if (error.code === 'EPIPE') process.kill(process.pid, 'SIGPIPE');
});
const abort = new AbortController();
const isShell = process.argv.length === 2;
if (!isShell) {
  // A second one ends it as the system does.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(signal));
}
process.exitCode = await main(process.argv[1] ?? 'alien.py', process.argv.slice(2), {
  env: process.env,
  output: {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  },
  signal: abort.signal,
  askPassphrase: async (name) => {
    const { askPassphrase } = await import('./ask-passphrase.ts');
    return askPassphrase(name);
  },
});
