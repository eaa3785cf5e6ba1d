import type { VerbOptions } from '../project.ts';

/** How a verb that works on what is on disk comes to know it. */
export interface ListingOptions extends VerbOptions {
  /** How many threads look at the disks; 2 if not given, and never more than there are processors. */
  readonly jobs?: number;
  /** Begins anew, even if a scan that was stopped could go on. */
  readonly rescan?: boolean;
  /** Does not look at the disks: takes the listing in this folder, or the `latest` one. */
  readonly listing?: string;
}
