import { openConfiguration } from '../../open.ts';
import { eventText } from '../../report/event-text.ts';
import { findingText } from '../../report/finding-text.ts';
import { archive } from '../../verbs/archive/archive.ts';
import type { Event } from '../../verbs/events.ts';
import { projectOf } from '../../verbs/project.ts';
import { type Log, type Logger, logger, stowageLogger } from './log.ts';

export interface ArchiveSectionOptions {
  readonly log: Log;
  /** In GiB. */
  readonly limit: number;
}

/**
 * Makes what is due of a section, as `stowage archive` does: by the same plan, with the same journal and checks, beside the configuration. True if
 * nothing is left undone and nothing is wrong.
 */
export async function archiveSection(
  config: string,
  section: string,
  { log, limit }: ArchiveSectionOptions,
): Promise<boolean> {
  const ours = logger(log, stowageLogger);
  const project = projectOf(await openConfiguration(config));
  const policy = { sizeLimit: limit * 1024 ** 3, allowShrink: false };
  let sound = true;
  for await (const event of archive(project, section, { policy })) {
    if (!tellEvent(event, ours)) sound = false;
  }
  return sound;
}

const plain = (_: string, text: string) => text;
const options = { verbose: false, quiet: false, debug: false, color: false, animate: false, page: 0 };

/** False for what is not as it should be. */
function tellEvent(event: Event, ours: Logger): boolean {
  if (event.kind === 'finding') {
    const text = `${event.section}: ${findingText(event.finding)}`;
    if (event.severity === 'notice') ours.info(text);
    else ours.error(text);
    return event.severity === 'notice';
  }
  const line = eventText(event, options, plain);
  if (event.kind === 'failed' || event.kind === 'remaining') {
    ours.error(line?.text ?? event.kind);
    return false;
  }
  if (line !== undefined) ours.info(line.text);
  return true;
}
