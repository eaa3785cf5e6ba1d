import { builtCli, type Ended, runProgram } from './built-cli.ts';

/** The path of the built `alien.py`. */
export function builtAlien(): string {
  return builtCli().replace(/main\.mjs$/, 'alien.mjs');
}

/** Runs a command line of the built `alien.py`, in a process of its own: for what it writes and starts itself. */
export function runBuiltAlien(env: Readonly<Record<string, string>>, ...argv: readonly string[]): Promise<Ended> {
  return runProgram(process.execPath, [builtAlien(), ...argv], env);
}
