import type { StowageError } from '../../../errors.ts';
import type { CopyEvent } from '../../../grid/copy/copy-event.ts';
import { errnoOf } from '../../../grid/errno.ts';

type Copied = Extract<CopyEvent, { kind: 'copied' }>;
type Present = Extract<CopyEvent, { kind: 'present' }>;

/** What became of the files of a plan, by their numbers. Of those that are well, no more than counts is kept unless it is to be data. */
export interface SettledCopies {
  /** `hadTrouble`: some replica of it failed. */
  copied(index: number, event: Copied, hadTrouble: boolean): void;
  present(index: number, event: Present): void;
  failed(index: number, reason: StowageError): void;
  counts(): SettledCounts;
  /** Undefined for a file of which nothing is known. */
  is(index: number): 'copied' | 'present' | 'failed' | undefined;
  /** Why files failed, in the order of their numbers. */
  failures(): readonly (readonly [number, StowageError])[];
  /** What is known of a file, as data. */
  facts(index: number): object;
}

/** How many files came to what. */
export interface SettledCounts {
  readonly copied: number;
  readonly present: number;
  /** Of the copied. */
  readonly bytes: number;
  /** Uploads that were copied though a replica of theirs had failed. */
  readonly uploadedAgain: number;
}

const kinds = [undefined, 'copied', 'present', 'failed'] as const;

/** For so many files, of which nothing is known yet. */
export function settledCopies(files: number, asData: boolean): SettledCopies {
  const became = new Uint8Array(files);
  const reasons = new Map<number, StowageError>();
  const data: object[] = [];
  let [copied, present, bytes, uploadedAgain] = [0, 0, 0, 0];
  const settle = (index: number, kind: (typeof kinds)[number]): void => {
    became[index] = kinds.indexOf(kind);
  };
  return {
    copied(index, event, hadTrouble) {
      settle(index, 'copied');
      copied += 1;
      bytes += event.bytes;
      if (hadTrouble && event.job.kind === 'upload') uploadedAgain += 1;
      if (!asData) return;
      const { md5, ms, elements } = event;
      data[index] = { bytes: event.bytes, md5, seconds: ms / 1000, elements };
    },
    present(index, event) {
      settle(index, 'present');
      present += 1;
      if (asData) data[index] = { bytes: event.bytes, checkedBy: event.by };
    },
    failed(index, reason) {
      settle(index, 'failed');
      reasons.set(index, reason);
    },
    counts: () => ({ copied, present, bytes, uploadedAgain }),
    is: (index) => kinds[became[index]!],
    failures: () => [...reasons].sort(([one], [other]) => one - other),
    facts(index) {
      const reason = reasons.get(index);
      return {
        outcome: kinds[became[index]!] ?? 'not done',
        ...(reason === undefined ? data[index] : errorOf(reason)),
      };
    },
  };
}

/** A failure as data. */
export function errorOf(reason: StowageError) {
  const errno = errnoOf(reason);
  return { error: reason.message, ...(errno === undefined ? {} : { errno }) };
}
