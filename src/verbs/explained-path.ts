import type { EntryType } from '../model/entry.ts';
import type { MemberType } from '../model/manifest.ts';
import type { RefusalReason } from '../plan/finding.ts';
import type { PathExplanation } from '../rules/explain-path.ts';

/** What becomes of a path, why, and what is known of it. */
export interface ExplainedPath {
  readonly section: string;
  readonly explanation: PathExplanation;
  /** The key of the archive that the rules give; absent if they give none. */
  readonly archive?: string;
  readonly disk: DiskLook;
  /** The archives that hold it by the record. */
  readonly recorded: readonly RecordedIn[];
  /** Why the record could not be asked. */
  readonly recordProblem?: string;
}

/** A path on the disks: found in `places` (several disks may have it), in none of `places`, or it could not be looked at. */
export type DiskLook =
  | {
      readonly kind: 'there';
      readonly places: readonly string[];
      readonly type: EntryType;
      readonly bytes: number;
      readonly target?: string;
      /** Why it is not archived all the same, if a rule maps it. */
      readonly refusal?: RefusalReason;
    }
  | { readonly kind: 'absent'; readonly places: readonly string[] }
  | { readonly kind: 'unseen'; readonly reason: string };

export interface RecordedIn {
  readonly archive: string;
  readonly since: string;
  readonly type: MemberType;
  readonly bytes: number;
}
