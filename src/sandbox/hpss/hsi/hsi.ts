import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  authenticationFailed,
  type FailureText,
  keytabMissing,
  noSystem,
  systemDown,
  tooManySessions,
} from '../failure-texts.ts';
import { type FaultSource, faultSource } from '../faults.ts';
import { inputFrom, linesOf } from '../input.ts';
import { fileOutput, type Output, print } from '../output.ts';
import { realDisk } from '../system/disk.ts';
import { exits } from '../system/hpss-error.ts';
import { logIn } from '../system/login.ts';
import { findSystem, type System, systemVariable } from '../system/system.ts';
import { hang } from '../valve.ts';
import type { World } from '../world.ts';
import { type HsiOptions, readHsiOptions } from './options.ts';
import { runLines } from './run-lines.ts';
import { newSession, type Session } from './session.ts';

/** Runs hsi as it was called, and gives its exit status. */
export async function hsi(world: World): Promise<number> {
  const { argv, standardOutput, standardError } = world;
  const options = readHsiOptions(argv);
  if (typeof options === 'string') {
    await print(standardError, `*** hsi: ${options}\nUsage: hsi [options] [command [args]] [; command ...]\n`);
    return exits.usage;
  }
  const system = findSystem(world.program, world.environment);
  if (system === undefined) return refuse(standardError, noSystem('hsi', systemVariable));
  const file =
    options.outputFile === undefined
      ? undefined
      : fileOutput(realDisk.create(resolve(world.directory, options.outputFile)));
  const onError = system.settings.listingsOn === 'standard error';
  const output = file ?? (options.popen || !onError ? standardOutput : standardError);
  const errors = file ?? standardError;
  const faults = faultSource(system, world.environment);
  const refused = await knock(world, system, options, faults);
  if (refused !== undefined) return refuse(errors, refused);
  const login = logIn(system, 'hsi', argv);
  if (login === undefined) return refuse(errors, tooManySessions);
  const input = inputFrom(world.standardInput);
  const session = newSession({ system, world, options, standardInput: input.rest, output, errors });
  if (!options.quiet && !options.popen) await print(standardError, banner(session));
  const lines = options.words.length === 0 ? () => input.line() : linesOf(options.words.join(' '));
  try {
    await runLines(session, faults, lines);
  } finally {
    input.close();
    login.end(session.commands, session.status);
  }
  return session.status;
}

/** What the gateway says before anybody is let in. */
async function knock(
  world: World,
  system: System,
  options: HsiOptions,
  faults: FaultSource,
): Promise<FailureText | undefined> {
  const { site, credentials, words } = options;
  if (site !== undefined && !system.settings.sites.includes(site)) return systemDown;
  if (credentials !== undefined && !existsSync(resolve(world.directory, credentials))) return keytabMissing;
  const fault = faults('hsi', 'login', words.join(' '));
  switch (fault?.kind) {
    case 'hang':
      return hang();
    case 'expire':
      return authenticationFailed;
    case 'down':
      return systemDown;
    case 'fail': {
      const { code = -5000, exit = exits.unavailable } = fault;
      return { lines: [fault.text ?? `result = ${code}, errno = 0`], exit };
    }
    default:
      return undefined;
  }
}

async function refuse(errors: Output, { lines, exit }: FailureText): Promise<number> {
  for (const line of lines) await print(errors, `${line}\n`);
  return exit;
}

function banner({ system: { settings }, options }: Session): string {
  const { user, uid } = settings;
  const account = options.account ?? uid;
  const login = `Username: ${user}  UID: ${uid}  Acct: ${account}(${account}) Copies: 1 COS: 0 Firewall: off`;
  return `${login} [hsi.stand-in]\n`;
}
