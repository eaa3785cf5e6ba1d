import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { gridUser } from '../alien.ts';
import { builtAlien } from '../built-alien.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { hasTmux, type Terminal, terminal } from '../terminal.ts';

const { test } = needing(hasTmux);

/** A program in a terminal, whose standard input is something else: the passphrase is asked for on the terminal all the same. */
async function asking(): Promise<{ shown: Terminal; temporary: string }> {
  const { env, central, temporary } = await gridUser();
  const line = `echo from a pipe | '${process.execPath}' '${builtAlien()}' pwd`;
  const variables = { ...env, X509_USER_KEY: central.files.userKeyEncrypted };
  const shown = terminal(await scratchFolder(), ['bash', '-c', `${line}; exit "\${PIPESTATUS[1]}"`], variables);
  await shown.untilShows('passphrase of ');
  await shown.untilEndsWith(':');
  return { shown, temporary };
}

const tokens = (temporary: string) => readdirSync(temporary).filter((name) => name.startsWith('token'));

test('the right passphrase opens the key, and nothing of it is shown', async () => {
  const { shown, temporary } = await asking();
  shown.type('sandbox');
  shown.press('Enter');
  expect(await shown.ended()).toBe(0);
  // A screen with it would not end so.
  await shown.untilEndsWith('userkey-encrypted.pem:\n/localhost/localdomain/user/j/jalien/\nended with 0');
  expect(tokens(temporary)).toHaveLength(2);
});

test('a wrong one is told, and asked for no more', async () => {
  const { shown, temporary } = await asking();
  shown.type('wrong');
  shown.press('Enter');
  expect(await shown.ended()).toBe(107);
  await shown.untilShows('cannot be opened with this passphrase');
  expect(tokens(temporary)).toEqual([]);
});

test('Ctrl-C ends the asking, and the command', async () => {
  const { shown } = await asking();
  shown.type('sand');
  shown.press('C-c');
  expect(await shown.ended()).toBe(130);
});
