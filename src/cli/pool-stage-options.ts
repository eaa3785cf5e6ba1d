import { StowageError } from '../errors.ts';
import type { StageOptions } from '../pool/staging/execute-stage.ts';
import { type Call, type Option, optionalText } from './command.ts';
import { parseDuration } from './duration.ts';

/** What the action stage takes. */
export const stageOptions: readonly Option[] = [
  { flags: '-j, --jobs <number>', description: 'stage: how many peers at a time', default: '4' },
  {
    flags: '--wait <duration>',
    description: 'stage: how long to wait for peers that are not ready (such as 2h); not at all if not given',
  },
  {
    flags: '--timeout <duration>',
    description: 'stage: how long a peer may say nothing before the connection is given up',
    default: '5min',
  },
  {
    flags: '--retries <number>',
    description: 'stage: how often a peer is tried again after a connection broke off; what has come is kept',
    default: '2',
  },
];

/** What was said of them. Throws `usage`. */
export function stageOptionsOf(call: Call): StageOptions {
  const wait = optionalText(call, 'wait');
  return {
    jobs: numberOf(call, 'jobs', 1, 256),
    retries: numberOf(call, 'retries', 0, 100),
    silenceMs: 1000 * parseDuration('--timeout', optionalText(call, 'timeout') ?? '5min'),
    ...(wait === undefined ? {} : { waitMs: 1000 * parseDuration('--wait', wait) }),
  };
}

function numberOf(call: Call, name: string, least: number, most: number): number {
  const given = optionalText(call, name) ?? '';
  const number = /^[0-9]{1,3}$/.test(given) ? Number(given) : -1;
  if (number >= least && number <= most) return number;
  throw new StowageError('usage', `'${given}' is not a number for --${name}`, {
    hint: `a number from ${least} to ${most}: --${name} ${Math.max(least, 2)}`,
  });
}
