import { StowageError } from '../errors.ts';
import { sessionsRange } from '../rules/hpss-settings.ts';
import { type Call, type Option, optionalText } from './command.ts';

const [least, most] = sessionsRange;

/** For commands that reach the store. */
export const sessionsOption: Option = {
  flags: '--sessions <number>',
  description: `how many sessions of HPSS at once, from ${least} to ${most} (default: what the configuration says, else 4); only for a store on HPSS`,
};

/** The number that the option says, if it is given. Throws `usage` for what is no number that a centre allows. */
export function sessionsOf(call: Call): number | undefined {
  const given = optionalText(call, 'sessions');
  if (given === undefined) return undefined;
  const sessions = /^[0-9]{1,3}$/.test(given) ? Number(given) : 0;
  if (sessions >= least && sessions <= most) return sessions;
  throw new StowageError('usage', `'${given}' is not a number of HPSS sessions`, {
    hint: `a number from ${least} to ${most}: --sessions 4`,
  });
}
