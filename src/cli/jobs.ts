import { StowageError } from '../errors.ts';
import { type Call, type Option, optionalText } from './command.ts';

/** For commands that do several things at once. */
export const jobsOption: Option = {
  flags: '-j, --jobs <number>',
  description:
    'how many threads look at the disks, at most as many as there are processors, and how many archives are made at once; 1 is best for a single spinning disk',
  default: '2',
};

/** The number that the option says. Throws `usage` for what is no number from 1 to 256. */
export function jobsOf(call: Call): number {
  const given = optionalText(call, 'jobs') ?? '2';
  const jobs = /^[0-9]{1,3}$/.test(given) ? Number(given) : 0;
  if (jobs >= 1 && jobs <= 256) return jobs;
  throw new StowageError('usage', `'${given}' is not a number of jobs`, { hint: 'a number from 1 to 256: --jobs 2' });
}
