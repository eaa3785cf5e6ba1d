import { openSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { StowageError } from '../../errors.ts';

/** Asks for a passphrase on the terminal, whatever standard input is, and shows nothing of it. Rejects with `configuration` (errno 5) where there is no terminal. */
export async function askPassphrase(name: string): Promise<string> {
  let descriptor: number;
  try {
    descriptor = openSync('/dev/tty', 'r+');
  } catch (cause) {
    throw new StowageError(
      'configuration',
      `${name} is encrypted, and there is no terminal to ask for its passphrase`,
      {
        hint: 'run alien.py token-init in a terminal first: the token that it writes needs no passphrase',
        facts: { errno: 5 },
        cause,
      },
    );
  }
  const input = new ReadStream(descriptor);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  try {
    process.stderr.write(`passphrase of ${name}: `);
    return await new Promise((resolve, reject) => {
      lines.once('SIGINT', () => reject(new StowageError('interrupted', 'interrupted')));
      lines.once('close', () => reject(new StowageError('interrupted', 'interrupted')));
      lines.question('').then(resolve, reject);
    });
  } finally {
    lines.close();
    input.destroy();
    process.stderr.write('\n');
  }
}
