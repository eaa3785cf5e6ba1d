import type { Fault } from '../faults.ts';
import { noOutput, type Output, print, valvedOutput } from '../output.ts';
import { exitOf, exits, HpssError } from '../system/hpss-error.ts';
import { type SiteTime, siteTime } from '../system/site-time.ts';
import type { System } from '../system/system.ts';
import { openValve, type Valve, valveFor } from '../valve.ts';
import type { World } from '../world.ts';
import type { HsiOptions } from './options.ts';

/** One run of hsi, from login to logout. */
export interface Session {
  readonly system: System;
  readonly options: HsiOptions;
  readonly times: SiteTime;
  readonly world: World;
  /** What is read from standard input by `put -`. */
  readonly standardInput: AsyncIterator<Uint8Array>;
  /** Where listings and messages go. */
  output: Output;
  errors: Output;
  /** The current directory in HPSS, and the one on this machine. */
  directory: string;
  localDirectory: string;
  echo: boolean;
  firewall: boolean;
  /** What the last command that noted anything noted. */
  status: number;
  commands: number;
  ended: boolean;
  fault: Fault | undefined;
}

/** Starts a session with what it prints on. */
export function newSession(
  parts: Pick<Session, 'system' | 'world' | 'options' | 'standardInput' | 'output' | 'errors'>,
): Session {
  return {
    ...parts,
    times: siteTime(parts.system.settings.zone),
    directory: parts.system.settings.home,
    localDirectory: parts.world.directory,
    echo: parts.options.echo,
    firewall: false,
    status: exits.ok,
    commands: 0,
    ended: false,
    fault: undefined,
  };
}

/** Prints a line that was asked for. */
export function say(session: Session, line: string): Promise<void> {
  return print(session.output, `${line}\n`);
}

/** Prints a line that `-q` and `-P` suppress. */
export async function chat(session: Session, line: string): Promise<void> {
  if (!session.options.quiet && !session.options.popen) await say(session, line);
}

/** Prints a line about what went wrong, and notes an exit status. */
export async function complain(session: Session, line: string, exit: number = exits.usage): Promise<void> {
  await print(session.errors, `${line}\n`);
  session.status = exit;
}

/** Says that HPSS refused a deed, as most commands do. Other errors are thrown on. */
export async function complainOf(session: Session, command: string, error: unknown, exit?: number): Promise<void> {
  if (!(error instanceof HpssError)) throw error;
  await complain(session, `*** ${command}: ${error.message}`, exit ?? exitOf(error.symbol));
}

/** The valve that bytes of a transfer go through. */
export function transferValve(session: Session, last: (bytes: Uint8Array) => void | Promise<void>): Valve {
  return valveFor(session.fault, last);
}

/** Prints through the fault of this command, for commands that transfer nothing. */
export function cutOutput(session: Session): void {
  const whole = session.output;
  const cut = valvedOutput(whole, (last) => valveFor(session.fault, last) ?? openValve);
  session.output = cut;
  if (session.errors === whole) session.errors = cut;
}

/** Prints nothing any more. */
export function silence(session: Session): void {
  session.output = noOutput;
  session.errors = noOutput;
}
