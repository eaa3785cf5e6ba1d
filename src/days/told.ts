import { hintInBrackets, plainReason } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { PoolEvent } from '../pool/pool-event.ts';
import { findingText } from '../report/finding-text.ts';
import { countText, sizeText } from '../report/quantities.ts';
import type { Event } from '../verbs/events.ts';

type Facts = Pick<PoolEvent, 'level' | 'deed' | 'text'> & Partial<PoolEvent>;

/** What a verb has to say about the archives of a day, as a pool tells it; undefined for what nobody asked for. */
export function told(event: Event, action: string, day: string): PoolEvent | undefined {
  const facts = factsOf(event);
  return facts === undefined ? undefined : { kind: 'pool', action, day, ...facts };
}

function factsOf(event: Event): Facts | undefined {
  switch (event.kind) {
    case 'stored': {
      const { archive, members, bytes } = event.stored;
      const text = `[${displayName(archive)}] was written: ${countText(members, 'file')}, ${sizeText(bytes)}.`;
      return { level: 'info', deed: 'told', text, files: members, bytes, path: archive };
    }
    case 'healed':
      return {
        level: 'info',
        deed: 'told',
        text: `[${displayName(event.archive)}] was written by a run that was killed.`,
      };
    case 'failed': {
      const text = `[${displayName(event.what)}]: ${plainReason(event.error)}${hintInBrackets(event.error)}.`;
      return { level: 'error', deed: 'failed', text, path: event.what };
    }
    case 'finding': {
      // What an archive holds and is not staged any more, or in a later one as it is now, is as it should be.
      if (event.finding.kind === 'gone' || event.finding.kind === 'remapped') return undefined;
      const text = findingText(event.finding);
      if (event.severity === 'notice') return { level: 'info', deed: 'told', text };
      return { level: 'error', deed: 'failed', text };
    }
    case 'rebuilt': {
      const { section, archives, members } = event;
      const text = `${section}: ${countText(archives, 'archive')} known again, ${countText(members, 'file')}.`;
      return { level: 'debug', deed: 'told', text, files: members };
    }
    case 'verdict': {
      const { archive, outcome, problems, level } = event.verdict;
      const name = `[${displayName(archive)}]`;
      if (outcome === 'intact')
        return { level: 'debug', deed: 'valid', text: `${name} is intact (${level}).`, path: archive };
      const text = `${name} is ${outcome}: ${problems.map(displayName).join('; ')}`;
      return { level: 'error', deed: 'failed', text, path: archive };
    }
    default:
      return undefined;
  }
}
