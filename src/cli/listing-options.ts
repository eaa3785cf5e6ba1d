import { StowageError } from '../errors.ts';
import type { ListingOptions } from '../verbs/listing/listing-options.ts';
import { type Call, type Option, optionalText } from './command.ts';

const jobsOption: Option = {
  flags: '--jobs <n>',
  description:
    'how many threads look at the disks, at most as many as there are processors; 1 is best for a single spinning disk',
  default: '2',
};
const rescanOption: Option = {
  flags: '--rescan',
  description: 'look at everything anew, even where a scan that was stopped could go on',
};

/** What a command takes that scans. */
export const scanOptions: readonly Option[] = [jobsOption, rescanOption];

/** What a command takes that works on what is on disk. */
export const listingOptions: readonly Option[] = [
  ...scanOptions,
  {
    flags: '--listing <folder>',
    description: "do not look at the disks: go by this listing, or by the section's 'latest'",
  },
];

/** How to come by a listing, as the options say. Throws `usage` for a number of jobs that is none. */
export function listingOf(call: Call): Pick<ListingOptions, 'jobs' | 'rescan' | 'listing'> {
  const jobs = optionalText(call, 'jobs') ?? '2';
  if (!/^[1-9]\d{0,3}$/.test(jobs)) {
    throw new StowageError('usage', `--jobs takes a number from 1 up, not '${jobs}'`);
  }
  const listing = optionalText(call, 'listing');
  return {
    jobs: Number(jobs),
    rescan: call.flags.rescan === true,
    ...(listing === undefined ? {} : { listing }),
  };
}
