#!/usr/bin/env node
import { main } from './main.ts';

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second one ends it as the system does.
  process.once(signal, () => abort.abort(signal));
}
const output = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
};
process.exitCode = await main(process.argv.slice(2), output, { signal: abort.signal });
