import { createInterface } from 'node:readline/promises';
import { StowageError } from '../errors.ts';
import type { StoreOptions } from '../pool/discs/execute-store.ts';
import type { Call, Option } from './command.ts';

/** What the actions store and rebuild take. */
export const storeOptions: readonly Option[] = [
  { flags: '--catch-up', description: 'store: also older days that were staged and never stored' },
  {
    flags: '--span',
    description:
      'store, rebuild: what does not fit on one disc goes to several, each with an index of all; images are numbered, and for discs in a drive somebody must be at the terminal',
  },
];

/** What was said of them. */
export function storeOptionsOf(call: Call): StoreOptions {
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return {
    catchUp: call.flags.catchUp === true,
    ...(call.flags.span === true
      ? { span: isTerminal ? { nextDisc: (number, of) => askForDisc(number, of, call.verb.signal) } : {} }
      : {}),
  };
}

/** Waits until somebody has changed the disc; rejects with `interrupted` if nobody will. */
async function askForDisc(number: number, of: number, signal: AbortSignal | undefined): Promise<void> {
  // Not as a terminal of its own: then Ctrl-C comes to the process as everywhere.
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(new StowageError('interrupted', 'stopped before the next disc'));
      terminal.once('close', stop);
      signal?.addEventListener('abort', stop, { once: true });
      terminal.question(`Put in disc ${number} of ${of}, and press Enter. `).then(() => resolve(), reject);
    });
  } finally {
    terminal.close();
  }
}
