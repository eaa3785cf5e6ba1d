import { makedirs } from '../../hpss/change.ts';
import type { HpssWait } from '../../hpss/hpss-options.ts';
import { type OpenedConfiguration, openConfiguration } from '../../open.ts';
import { eventText } from '../../report/event-text.ts';
import { findingText } from '../../report/finding-text.ts';
import { archive } from '../../verbs/archive/archive.ts';
import type { Event } from '../../verbs/events.ts';
import { projectOf } from '../../verbs/project.ts';
import { type Log, type Logger, logger, stowageLogger } from './log.ts';

export interface ArchiveSectionOptions {
  readonly log: Log;
  /** Archives are not larger than so many GiB. */
  readonly limit: number;
  /** Octal, of the section's directory on HPSS if it must be made. */
  readonly dirmode?: string;
  /** Abort now; start nothing new. */
  readonly signal?: AbortSignal;
  readonly stop?: AbortSignal;
  /** Where the record is kept; beside the configuration if absent. */
  readonly state?: string;
  /** What else there is to the opened configuration. */
  readonly adapt?: (opened: OpenedConfiguration) => OpenedConfiguration;
  /** The rules cannot go into a thread. */
  readonly inOne?: true;
}

/**
 * Makes what is due of a section, as `stowage archive` does: by the same plan, with the same journal and checks. The section's directory on HPSS is
 * made if it is not there, as HPSSPy does. True if nothing is left undone and nothing is wrong.
 */
export async function archiveSection(
  config: string,
  section: string,
  { log, limit, dirmode = '2770', signal, stop, state, adapt = (opened) => opened, inOne }: ArchiveSectionOptions,
): Promise<boolean> {
  const ours = logger(log, stowageLogger);
  const onHpssWait = ({ reason, seconds }: HpssWait) => ours.warning(`${reason}: waiting ${seconds} s`);
  const opened = adapt(await openConfiguration(config, { onHpssWait, ...(state === undefined ? {} : { state }) }));
  const { hpssRoot, hpss } = opened.configuration;
  if (hpssRoot !== undefined) await makedirs(`${hpssRoot}/${section}`, { ...hpss, mode: dirmode, onWait: onHpssWait });
  const policy = { sizeLimit: limit * 1024 ** 3, allowShrink: false };
  const options = {
    policy,
    ...(signal && { signal }),
    ...(stop && { stop }),
    ...(inOne && { partitionLines: Number.POSITIVE_INFINITY }),
  };
  let sound = true;
  for await (const event of archive(projectOf(opened), section, options)) {
    if (!tellEvent(event, ours)) sound = false;
  }
  return sound;
}

const plain = (_: string, text: string) => text;
const asText = { verbose: false, quiet: false, debug: false, color: false, animate: false, page: 0 };

/** False for what is not as it should be. */
function tellEvent(event: Event, ours: Logger): boolean {
  if (event.kind === 'finding') {
    const text = `${event.section}: ${findingText(event.finding)}`;
    if (event.severity === 'notice') ours.info(text);
    else ours.error(text);
    return event.severity === 'notice';
  }
  const line = eventText(event, asText, plain);
  if (event.kind === 'failed' || event.kind === 'remaining') {
    ours.error(line?.text ?? event.kind);
    return false;
  }
  if (line !== undefined) ours.info(line.text);
  return true;
}
