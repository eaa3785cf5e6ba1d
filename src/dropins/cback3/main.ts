import { hintInBrackets, isStowageError, plainReason } from '../../errors.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import type { PoolEvent } from '../../pool/pool-event.ts';
import type { Log } from './log.ts';
import { type Options, parseOptions } from './switches.ts';
import { diagnosticsText, usageText, versionText } from './usage.ts';

/** Where the command writes. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** The exit statuses of cback3. */
export const statuses = { ok: 0, stack: 1, usage: 2, logging: 3, configuration: 4, interrupted: 5, failed: 6 } as const;

/**
 * The command `cback3` with its command line (without the program's name). Gives its exit status. Where Cedar Backup claims success although a
 * peer or a check failed, this is 6. Throws only with --stack.
 */
export async function main(
  argv: readonly string[],
  output: Output,
  { clock = systemClock, signal }: { readonly clock?: Clock; readonly signal?: AbortSignal } = {},
): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(argv);
  } catch (error) {
    output.err(`${usageText()} *** Error: ${plainReason(error)}\n`);
    return statuses.usage;
  }
  if (options.help) {
    output.err(usageText());
    return statuses.ok;
  }
  if (options.version || options.diagnostics) {
    output.out(options.version ? versionText() : diagnosticsText(clock.now()));
    return statuses.ok;
  }
  const { openLog } = await import('./log.ts');
  let log: Log;
  try {
    log = await openLog(options, clock, output.out);
  } catch (error) {
    output.err(`Error setting up logging: ${plainReason(error)}\n`);
    return statuses.logging;
  }
  try {
    log.say('info', 'Cedar Backup run started.');
    const status = await run(options, log, clock, signal);
    log.say('info', `Cedar Backup run completed with status ${status}.`);
    return status;
  } finally {
    log.close();
  }
}

async function run(options: Options, log: Log, clock: Clock, signal: AbortSignal | undefined): Promise<number> {
  log.say('info', `Configuration path is [${options.config}].`);
  let failed = false;
  let begun = false;
  try {
    const { openRun } = await import('./open-run.ts');
    const events = await openRun(options, log, clock, signal);
    begun = true;
    for await (const event of events) {
      const isFailure = tell(event, options, log);
      failed ||= isFailure;
    }
    return failed ? statuses.failed : statuses.ok;
  } catch (error) {
    if (signal?.aborted || isStowageError(error, 'interrupted')) {
      log.say('error', 'Backup interrupted.');
      return statuses.interrupted;
    }
    if (!begun && isStowageError(error, 'configuration')) {
      log.say('error', `Error reading or handling configuration: ${plainReason(error)}`);
      return statuses.configuration;
    }
    if (options.stack) throw error;
    log.say('error', `Error executing backup: ${plainReason(error)}${hintInBrackets(error)}`);
    return statuses.failed;
  }
}

/** Tells one event, and answers whether for this not all is done. */
function tell(event: PoolEvent, options: Options, log: Log): boolean {
  const isFailure = event.failed ?? event.level === 'error';
  if (event.deed === 'output') log.output(event.text);
  else if (event.deed === 'valid' || event.deed === 'invalid') log.say(options.quiet ? 'info' : 'error', event.text);
  else log.say(event.level, event.text);
  return isFailure;
}
