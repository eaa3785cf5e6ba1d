import type { ListingOptions } from '../verbs/listing/listing-options.ts';
import { type Call, type Option, optionalText } from './command.ts';
import { jobsOf, jobsOption } from './jobs.ts';

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
  const listing = optionalText(call, 'listing');
  return { jobs: jobsOf(call), rescan: call.flags.rescan === true, ...(listing === undefined ? {} : { listing }) };
}
