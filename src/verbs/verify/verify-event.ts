import type { EvidenceLevel } from '../../model/evidence.ts';

/** What is found when archives are checked. */
export type VerifyEvent =
  | { readonly kind: 'verdict'; readonly section: string; readonly verdict: Verdict }
  | {
      readonly kind: 'verified';
      readonly level: EvidenceLevel;
      readonly intact: number;
      readonly damaged: number;
      readonly missing: number;
      /** How many could not be told at this level; absent if none. */
      readonly unproven?: number;
      /** What was seen was not written down. */
      readonly unrecorded?: true;
      readonly bytes: number;
      /** How many were not looked at again, as they were found intact `since` then. */
      readonly recent?: number;
      readonly since?: string;
      /** What a sample says about all; absent where it was not looked at to its end. */
      readonly sample?: SampleResult;
    }
  | { readonly kind: 'sample'; readonly seed: string; readonly archives: number; readonly of: number }
  | { readonly kind: 'postponed'; readonly archives: number; readonly bytes: number };

export interface Verdict {
  readonly archive: string;
  readonly level: EvidenceLevel;
  /** `unproven`: the store, or the record, has nothing to tell it by at this level. */
  readonly outcome: 'intact' | 'damaged' | 'missing' | 'unproven';
  readonly problems: readonly string[];
  /** At the level `read`: the store read it itself and compared it with the digest that it keeps, which is the recorded one. */
  readonly readBy?: 'store';
  /** At the levels `digest` and `read`: how many copies of it the store has, each of which was looked at. */
  readonly copies?: number;
}

/** What a random sample of archives says about all of them. */
export interface SampleResult {
  readonly archives: number;
  readonly of: number;
  /** How many of the sample are damaged or missing. */
  readonly bad: number;
  /** With `confidence`, no more than so many of all are. */
  readonly atMost: number;
  readonly confidence: number;
}
