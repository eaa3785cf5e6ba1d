import type { Fault } from '../faults.ts';
import { type Output, print } from '../output.ts';
import { exits } from '../system/hpss-error.ts';
import type { SiteTime } from '../system/site-time.ts';
import type { System } from '../system/system.ts';
import type { HtarOptions } from './options.ts';

/** One run of htar. */
export interface HtarRun {
  readonly system: System;
  /** The directory of this machine that names are relative to. */
  readonly directory: string;
  readonly options: HtarOptions;
  readonly times: SiteTime;
  readonly fault: Fault | undefined;
  readonly input: () => Promise<string | undefined>;
  output: Output;
  errors: Output;
}

/** htar cannot go on: what it says on standard error before FAILED, and the exit status. */
export class HtarFailure extends Error {
  override readonly name = 'HtarFailure';
  readonly lines: readonly string[];
  readonly exit: number;

  constructor(lines: readonly string[], exit: number = exits.internal) {
    super(lines[0]);
    this.lines = lines;
    this.exit = exit;
  }
}

/** Where a name lies on this machine. */
export function onDisk({ directory }: HtarRun, path: string): string {
  return path.startsWith('/') ? path : `${directory}/${path}`;
}

/** A line on standard output. */
export function tell(run: HtarRun, line: string): Promise<void> {
  return print(run.output, `${line}\n`);
}

/** A line on standard output that `-q` suppresses. */
export async function tellMore(run: HtarRun, line: string): Promise<void> {
  if (!run.options.flags.has('q')) await tell(run, line);
}

/** A line on standard error. */
export function warn(run: HtarRun, line: string): Promise<void> {
  return print(run.errors, `${line}\n`);
}

/** `28,396,544` */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
