import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../src/dropins/alien/main.ts';
import type { Central } from '../src/sandbox/jalien/start-central.ts';
import { testCentral } from '../src/sandbox/jalien/test-central.ts';
import type { LineOptions } from '../src/sandbox/relay.ts';
import { relayed } from './relayed.ts';
import { scratchFolder } from './scratch-folder.ts';
import type { Ran } from './stowage.ts';

/** A user of a central server: a home, a folder for temporary files, and what the environment says. */
export interface GridUser {
  readonly central: Central;
  readonly home: string;
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command line of alien.py in this process. */
  alien(...argv: readonly string[]): Promise<Ran>;
}

/** A user of a fresh central server, with a certificate and no token. `line` is what he reaches it over. */
export async function gridUser({
  line,
  ...options
}: Parameters<typeof testCentral>[0] & { readonly line?: LineOptions } = {}): Promise<GridUser> {
  const central = await testCentral(options);
  const relay = line === undefined ? undefined : await relayed(central.port, line);
  const home = await scratchFolder();
  const temporary = join(home, 'tmp');
  mkdirSync(temporary);
  const port = relay === undefined ? {} : { ALIENPY_JCENTRAL_PORT: String(relay.port) };
  const env = { ...central.variables, ...port, HOME: home, TMPDIR: temporary, ALIENPY_CONNECT_TRIES_INTERVAL: '0.01' };
  return { central, home, temporary, env, alien: (...argv) => runAlien(env, 'alien.py', argv) };
}

/** Runs a command line under one of the names of alien.py, in this process. */
export async function runAlien(
  env: Readonly<Record<string, string>>,
  program: string,
  argv: readonly string[],
  more: { readonly signal?: AbortSignal; readonly askPassphrase?: (name: string) => Promise<string> } = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await main(program, argv, {
    env,
    output: { out: (text) => out.push(text), err: (text) => err.push(text) },
    ...more,
  });
  return { status, out: out.join(''), err: err.join('') };
}
