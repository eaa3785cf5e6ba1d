import { openDayArchives } from '../../days/open-day-archives.ts';
import { StowageError } from '../../errors.ts';
import type { Clock } from '../../model/clock.ts';
import { plannedActions } from '../../pool/actions/planned-actions.ts';
import { runActions } from '../../pool/actions/run-actions.ts';
import { inspectPool } from '../../pool/open-pool.ts';
import type { PoolEvent } from '../../pool/pool-event.ts';
import { poolRun } from '../../pool/pool-run.ts';
import type { Log } from './log.ts';
import type { Options } from './switches.ts';

/**
 * Reads the configuration, tells all that is wrong with it, and gives the events of the run. Throws `configuration` before anything is done if the file or
 * the actions cannot be.
 */
export async function openRun(
  options: Options,
  log: Log,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<PoolEvent>> {
  const { configuration, problems } = await inspectPool(options.config);
  const errors: string[] = [];
  for (const one of problems) {
    const text = `${one.where === '' ? '' : `${one.where}: `}${one.message}${one.suggestion === undefined ? '' : ` (${one.suggestion})`} [line ${one.line}]`;
    if (one.severity === 'warning') log.say('warning', text);
    else errors.push(text);
  }
  if (configuration === undefined) throw new StowageError('configuration', errors.join('\n'));
  const { managed, managedOnly } = options;
  const steps = plannedActions(configuration, options.actions, { here: !managedOnly, managed: managed || managedOnly });
  return runActions(
    poolRun(configuration, {
      full: options.full,
      clock,
      openArchives: openDayArchives,
      tell: (text) => log.say('warning', text),
      ...(signal && { signal }),
    }),
    steps,
  );
}
