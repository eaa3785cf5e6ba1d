import type { PoolEvent } from '../pool/pool-event.ts';
import type { Line } from './line.ts';
import type { Paint } from './paint.ts';
import type { ReportOptions } from './reporter.ts';

/** What an action of a pool has to say to people: details only where all is asked for. */
export function poolText(event: PoolEvent, options: ReportOptions, paint: Paint): Line | undefined {
  const { level, deed, action, text } = event;
  if (deed === 'asked' || deed === 'found' || deed === 'restored') return { kind: 'result', text };
  if (level === 'debug') return options.verbose ? { kind: 'news', text: `${action}: ${text}` } : undefined;
  if (level === 'info' || deed === 'valid') return { kind: 'news', text: `${action}: ${text}` };
  const word = level === 'error' ? paint('red', 'problem') : paint('yellow', 'warning');
  return { kind: 'trouble', text: `${word}  ${action}: ${text}` };
}
