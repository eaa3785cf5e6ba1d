import {
  authenticationFailed,
  connectionLost,
  type FailureText,
  noSystem,
  systemDown,
  tooManySessions,
} from '../failure-texts.ts';
import { type Fault, faultSource } from '../faults.ts';
import { inputFrom } from '../input.ts';
import { noOutput, type Output, print } from '../output.ts';
import { pretendingDisk, realDisk } from '../system/disk.ts';
import { exitOf, exits, HpssError } from '../system/hpss-error.ts';
import { logIn } from '../system/login.ts';
import { siteTime } from '../system/site-time.ts';
import { findSystem, systemVariable } from '../system/system.ts';
import { spend } from '../system/tape.ts';
import { Dropped, hang } from '../valve.ts';
import type { World } from '../world.ts';
import { create } from './create.ts';
import { type HtarOptions, readHtarOptions } from './options.ts';
import { extract, list, mark, rebuild } from './read.ts';
import { HtarFailure, type HtarRun, tell, warn } from './run.ts';
import { verifyArchive } from './verify.ts';

/** Runs htar as it was called, and gives its exit status. */
export async function htar(world: World): Promise<number> {
  const { program, argv, standardError: errors } = world;
  const exit = await run(world);
  if (exit !== exits.ok) {
    await print(errors, '###WARNING  htar returned non-zero exit status.\n');
    await print(errors, `                ${exit} = ${program} ${argv.join(' ')}\n`);
  }
  return exit;
}

async function run(world: World): Promise<number> {
  const { program, argv, environment, standardOutput: output, standardError: errors } = world;
  const options = readHtarOptions(argv);
  if (typeof options === 'string') {
    await print(errors, `ERROR: ${options}\nUsage: htar -{c|t|x|K|X|D|U} -f Archive [options] [files]\n`);
    return exits.usage;
  }
  const system = findSystem(program, environment);
  if (system === undefined) return giveUp(errors, noSystem('htar', systemVariable));
  const faults = faultSource(system, environment);
  const command = argv.join(' ');
  const fault = faults('htar', 'login', command) ?? faults('htar', 'command', command);
  const login = logIn(system, 'htar', argv);
  if (login === undefined) return giveUp(errors, tooManySessions);
  const input = inputFrom(world.standardInput);
  const times = siteTime(system.settings.zone);
  const one: HtarRun = { system, directory: world.directory, options, times, fault, input: input.line, output, errors };
  let exit: number = exits.internal;
  try {
    exit = await faultyRun(one);
  } finally {
    input.close();
    system.disk = realDisk;
    login.end(1, exit);
  }
  return exit;
}

/** Does what was asked, with the fault that the script has for it. */
async function faultyRun(one: HtarRun): Promise<number> {
  const { fault, system } = one;
  const { output, errors } = one;
  switch (fault?.kind) {
    case 'fail':
      return fail(one, fault);
    case 'expire':
      return failed(one, authenticationFailed);
    case 'down':
      return failed(one, systemDown);
    case 'hang':
      if ((fault.when ?? 'before') === 'before') await hang();
      break;
    case 'slow':
      spend(system, fault.seconds);
      break;
    case 'lie':
      if (!fault.does) system.disk = pretendingDisk;
      if (fault.says !== 'success') Object.assign(one, { output: noOutput, errors: noOutput });
      break;
  }
  const exit = await finished(one);
  if (fault?.kind === 'hang' && fault.when === 'after') await hang();
  if (fault?.kind !== 'lie') return exit;
  Object.assign(one, { output, errors });
  if (fault.says === 'failure')
    return fail(one, { kind: 'fail', ...(fault.exit === undefined ? {} : { exit: fault.exit }) });
  return fault.exit ?? exit;
}

async function finished(one: HtarRun): Promise<number> {
  try {
    const exit = await act(one, one.options);
    if (one.fault?.kind === 'drop') throw new Dropped();
    // Whatever was left out: this is what it says.
    await tell(one, 'HTAR: HTAR SUCCESSFUL');
    return exit;
  } catch (error) {
    if (error instanceof HtarFailure) return failed(one, error);
    if (error instanceof Dropped) return failed(one, connectionLost);
    if (error instanceof HpssError)
      return failed(one, { lines: [`ERROR: ${error.message}`], exit: exitOf(error.symbol) });
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return failed(one, { lines: [`ERROR: ${(error as Error).message}`], exit: exits.osError });
  }
}

async function act(one: HtarRun, { action }: HtarOptions): Promise<number> {
  switch (action) {
    case 'c':
      return create(one);
    case 't':
      return list(one);
    case 'x':
      return extract(one);
    case 'K':
      await verifyArchive(one);
      return exits.ok;
    case 'X':
      return rebuild(one);
    case 'D':
      return mark(one, true);
    case 'U':
      return mark(one, false);
  }
}

function fail(one: HtarRun, { code = -5, text, exit = exits.internal }: Fault & { kind: 'fail' }): Promise<number> {
  return failed(one, { lines: [text ?? `ERROR: Error ${code} on transfer`], exit });
}

async function failed(one: HtarRun, { lines, exit }: FailureText): Promise<number> {
  for (const line of lines) await warn(one, line);
  await tell(one, 'HTAR: HTAR FAILED');
  return exit;
}

async function giveUp(errors: Output, { lines, exit }: FailureText): Promise<number> {
  for (const line of lines) await print(errors, `${line}\n`);
  return exit;
}
