import type { StowageError } from '../../errors.ts';
import type { CopyJob } from './copy-job.ts';

/**
 * What happens while files are copied. Of each job there is at most one `started`, and exactly one of `copied`, `present` and `failed`, unless the copying was stopped before
 * it began.
 */
export type CopyEvent =
  /** What an earlier run left when it was killed was found and dealt with; `how` says in words what it was and what was done. */
  | { readonly kind: 'settled'; readonly lfn?: string; readonly how: string }
  /** It is on its way, and has so many bytes; undefined where the catalogue does not say. */
  | { readonly kind: 'started'; readonly job: CopyJob; readonly bytes: number | undefined }
  /** So many bytes more were moved; less than nothing where they are moved again from another place. */
  | { readonly kind: 'moved'; readonly job: CopyJob; readonly bytes: number }
  /** A replica could not be read or written, or is not what it should be. Another is tried, if there is one. */
  | { readonly kind: 'replica failed'; readonly job: CopyJob; readonly se: string; readonly reason: StowageError }
  /** It is there, checked, and durable: on this machine, or stored and committed at these storage elements. */
  | {
      readonly kind: 'copied';
      readonly job: CopyJob;
      readonly bytes: number;
      readonly md5: string;
      readonly ms: number;
      /** Where it was stored, or read from. */
      readonly elements: readonly string[];
    }
  /** What is told of a file in its extended attributes (GUID, LFN, md5 …) cannot be kept here. Told once, of the first file; the files are there all the same. */
  | { readonly kind: 'no attributes'; readonly job: CopyJob; readonly reason: StowageError }
  /** It was there already; `by` says how closely that was looked at. */
  | { readonly kind: 'present'; readonly job: CopyJob; readonly bytes: number; readonly by: 'size and time' | 'md5' }
  /** It is not there, and whatever was there before still is. */
  | { readonly kind: 'failed'; readonly job: CopyJob; readonly reason: StowageError };
