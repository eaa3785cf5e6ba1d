import type { EntryType } from '../model/entry.ts';
import type { EvidenceLevel } from '../model/evidence.ts';
import type { Member, MemberType } from '../model/manifest.ts';
import type { Finding, RefusalReason, Severity } from '../plan/finding.ts';
import type { PathExplanation } from '../rules/explain-path.ts';
import type { Problem } from '../rules/problem.ts';
import type { CompleteListing } from '../shards/listing-file.ts';
import type { Diagnosis } from '../store/examination.ts';
import type { Difference } from './reconcile/difference.ts';
import type { FateCounts } from './survey/fate-counts.ts';
import type { Packing } from './survey/packing.ts';
import type { PlannedArchive } from './survey/planned-archive.ts';

/** What a verb has to say, one at a time. Archives are store keys, paths are relative to the section. docs/json.md describes the JSON form. */
export type Event =
  | { readonly kind: 'problem'; readonly problem: Problem }
  | {
      readonly kind: 'checked';
      readonly sections: readonly SectionSummary[];
      readonly errors: number;
      readonly warnings: number;
    }
  | { readonly kind: 'explained'; readonly explained: ExplainedPath }
  | { readonly kind: 'doubtful'; readonly configuration: string; readonly warnings: number }
  | {
      readonly kind: 'scan-resumed';
      readonly section: string;
      readonly begunAt: string;
      /** How many it had listed. */
      readonly entries: number;
    }
  | {
      readonly kind: 'scanned';
      readonly section: string;
      readonly listing: CompleteListing;
      readonly milliseconds: number;
      /** How many entries were looked at in that time. */
      readonly looked: number;
    }
  | {
      readonly kind: 'list-differs';
      readonly section: string;
      readonly path: string;
      readonly what: 'gone' | 'type' | 'size' | 'time' | 'mode' | 'owner' | 'target';
    }
  | {
      readonly kind: 'list-checked';
      readonly section: string;
      readonly source: CompleteListing['source'];
      readonly looked: number;
      readonly differing: number;
      /** Entries of the list that are no part of the section. */
      readonly outside: number;
    }
  | { readonly kind: 'listing-used'; readonly section: string; readonly listing: CompleteListing }
  | { readonly kind: 'no-listing'; readonly section: string }
  | { readonly kind: 'finding'; readonly section: string; readonly severity: Severity; readonly finding: Finding }
  | { readonly kind: 'due'; readonly section: string; readonly plan: DueArchive }
  | {
      readonly kind: 'surveyed';
      readonly section: string;
      readonly counts: FateCounts;
      readonly archives: ArchiveCounts;
    }
  | {
      readonly kind: 'reconciled';
      readonly section: string;
      /** How many entries are on disk, no directories. */
      readonly entries: number;
      /** How many archives are recorded, and how many objects the store lists. */
      readonly recorded: number;
      readonly listed: number;
      readonly differences: readonly Difference[];
    }
  | { readonly kind: 'healed'; readonly archive: string; readonly run: string }
  | { readonly kind: 'stored'; readonly section: string; readonly stored: StoredArchive }
  | { readonly kind: 'failed'; readonly what: string; readonly error: unknown }
  | { readonly kind: 'unknown-path'; readonly section: string; readonly path: string }
  | { readonly kind: 'archived'; readonly section: string; readonly totals: ArchiveTotals }
  | { readonly kind: 'remaining'; readonly section: string; readonly archives: number; readonly bytes: number }
  | { readonly kind: 'verdict'; readonly section: string; readonly verdict: Verdict }
  | {
      readonly kind: 'verified';
      readonly level: EvidenceLevel;
      readonly intact: number;
      readonly damaged: number;
      readonly missing: number;
      /** How many could not be told at this level; absent if none. */
      readonly unproven?: number;
      readonly bytes: number;
      /** How many were not looked at again, as they were found intact `since` then. */
      readonly recent?: number;
      readonly since?: string;
      /** What a sample says about all; absent where it was not looked at to its end. */
      readonly sample?: SampleResult;
    }
  | { readonly kind: 'sample'; readonly seed: string; readonly archives: number; readonly of: number }
  | { readonly kind: 'postponed'; readonly archives: number; readonly bytes: number }
  | {
      readonly kind: 'recall';
      readonly section: string;
      readonly archives: number;
      /** At most: what lies on disk too needs no tape. */
      readonly mounts: number;
      readonly bytes: number;
    }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'entry'; readonly section: string; readonly entry: ListedEntry; readonly long: boolean }
  | { readonly kind: 'usage'; readonly section: string; readonly usage: ComparedUsage }
  | { readonly kind: 'restored'; readonly restored: Restored }
  | { readonly kind: 'restored-in-all'; readonly section: string; readonly totals: RestoreTotals }
  | { readonly kind: 'status'; readonly status: SectionStatus }
  | { readonly kind: 'unlocked'; readonly section: string; readonly holder: string | undefined }
  | ({ readonly kind: 'examined'; readonly check: string } & Diagnosis)
  | {
      readonly kind: 'diagnosed';
      readonly ok: number;
      readonly warnings: number;
      readonly problems: number;
      readonly unseen: number;
    }
  | { readonly kind: 'script'; readonly shell: string; readonly text: string }
  | ({ readonly kind: 'sandbox' } & SandboxFacts)
  | ({ readonly kind: 'sandbox-grid' } & SandboxGridFacts)
  | {
      readonly kind: 'rebuilt';
      readonly section: string;
      readonly archives: number;
      readonly adopted: number;
      readonly members: number;
    };

/** A scratch system to try things on: where it lies, what to export, and how much it was used. */
export interface SandboxFacts {
  readonly system: string;
  readonly folder: string;
  /** False if it was there already. */
  readonly made: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** The folder of its programs. */
  readonly programs: string;
  /** The home directory in it. */
  readonly home: string;
  readonly use: { readonly sessions: number; readonly mounts: number; readonly seconds: number };
}

/** A scratch Grid that runs: where it lies, what to export, and what there is in it. */
export interface SandboxGridFacts {
  readonly folder: string;
  /** False if it was there already. */
  readonly made: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** The home directory in it. */
  readonly home: string;
  /** The address of the central server. */
  readonly central: string;
  readonly elements: readonly { readonly name: string; readonly url: string; readonly qos: readonly string[] }[];
  /** False where no XRootD is installed: nobody listens at the addresses of the elements. */
  readonly hasStorage: boolean;
  /** A file that a shell reads, with the variables. */
  readonly environment: string;
}

/** An archive that is to be made. */
export type DueArchive = Omit<PlannedArchive, 'load'>;

export interface SectionSummary {
  readonly section: string;
  readonly directories: number;
  readonly patterns: number;
}

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

export interface ArchiveCounts {
  readonly due: number;
  readonly kept: number;
  readonly withheld: number;
  readonly dueBytes: number;
  readonly dueMembers: number;
}

export interface StoredArchive {
  readonly archive: string;
  readonly members: number;
  readonly contentBytes: number;
  readonly bytes: number;
  /** Absent for one that the store made itself: nobody has read it yet. */
  readonly sha256?: string;
  /** The store made it itself, from the files; or why it did not, where it could have. */
  readonly packed?: Packing;
  readonly replaced: boolean;
  readonly carried: number;
}

export interface ArchiveTotals {
  readonly archives: number;
  readonly members: number;
  readonly contentBytes: number;
  readonly failed: number;
}

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

export interface Found {
  readonly section: string;
  readonly archive: string;
  readonly member: Member;
  readonly since: string;
}

/** One line of a listing of what is archived: a member, or a directory that members lie below. */
export type ListedEntry =
  | {
      readonly kind: 'member';
      readonly name: string;
      readonly archive: string;
      readonly member: Member;
      readonly since: string;
    }
  | ({ readonly kind: 'directory'; readonly name: string; readonly member?: Member } & DirectoryUsage);

/** What archives hold below a directory: a file that two archives hold counts twice, several names of one file in an archive count once. */
export interface DirectoryUsage {
  /** Relative to the section; '' is the section. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** The same, with what a listing has there. */
export interface ComparedUsage extends DirectoryUsage {
  readonly disk?: DiskUsage;
}

/** What a listing has below a directory: files, links and all else but directories. Bytes of a file with several names count once. */
export interface DiskUsage extends Counted {
  /** Of these: what an archive holds as it is; what archives hold, but not as it is; the rest. */
  readonly same: Counted;
  readonly changed: Counted;
  readonly notArchived: Counted;
  /** Places that could not be looked at. */
  readonly unseen: number;
}

export interface Counted {
  readonly files: number;
  readonly bytes: number;
}

export interface Restored {
  readonly section: string;
  readonly path: string;
  readonly archive: string;
  readonly target: string;
  /** `there`: it was already there and equal. `differs`: something else is there and was left alone. */
  readonly outcome: 'restored' | 'there' | 'differs' | 'failed';
  readonly type: Member['type'];
  readonly bytes: number;
  readonly problem?: string;
  readonly torn?: true;
}

/** How many members a restore brought back, found to be there already, left alone and could not bring back; `bytes` is what was brought back. */
export type RestoreTotals = { readonly [outcome in Restored['outcome']]: number } & { readonly bytes: number };

export interface SectionStatus {
  readonly section: string;
  readonly archives: number;
  readonly members: number;
  readonly bytes: number;
  readonly lastRun: string | undefined;
  readonly unfinishedRuns: readonly string[];
  /** How many archives stand on which rung, by their closest check. */
  readonly rungs: { readonly [level in EvidenceLevel]: number };
  /** The bytes of these. */
  readonly rungBytes: { readonly [level in EvidenceLevel]: number };
  readonly damagedBytes: number;
  readonly neverVerified: number;
  readonly oldestCheck: string | undefined;
  /** The archive that had it, and how close that check was. */
  readonly oldest: { readonly archive: string; readonly level: EvidenceLevel } | undefined;
  readonly damaged: readonly { readonly archive: string; readonly problems: readonly string[] }[];
  readonly holder: string | undefined;
}

export type { CompleteListing } from '../shards/listing-file.ts';
