import type { EvidenceLevel } from '../../model/evidence.ts';
import type { Member } from '../../model/manifest.ts';

/** What records say when they are asked. */
export type SearchEvent =
  | {
      readonly kind: 'found';
      readonly found: Found;
      /** Several configurations were asked. */
      readonly several: boolean;
    }
  | {
      /** Nothing of what a configuration was asked for is recorded in its state folder. */
      readonly kind: 'no-record';
      readonly owner: RecordOwner;
      /** The state folder, wherever it is. */
      readonly state: string;
    }
  | {
      /** A section in the state folder that the configuration has not, and whose record is about another root or store. */
      readonly kind: 'other-record';
      readonly configuration: string;
      readonly section: string;
      readonly root: string;
      readonly store: string;
    }
  | { readonly kind: 'entry'; readonly section: string; readonly entry: ListedEntry; readonly long: boolean }
  | { readonly kind: 'usage'; readonly section: string; readonly usage: ComparedUsage }
  | { readonly kind: 'status'; readonly status: SectionStatus; readonly several: boolean };

/** Whose record says something: with these and a path, `restore` brings it back. */
export interface RecordOwner {
  /** The name of the configuration, as it was given. */
  readonly configuration: string;
  /** The location of its store. */
  readonly store: string;
  /** The folder of the record, or of a pool's state, where it is not where it is if nothing is said. */
  readonly state?: string;
  /** The configuration is that of a pool, and its sections are days. */
  readonly pool?: true;
}

export interface Found extends RecordOwner {
  readonly section: string;
  /** The section is recorded and no longer configured: it must be, before anything of it can be restored. */
  readonly unconfigured?: true;
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

export interface SectionStatus extends RecordOwner {
  readonly section: string;
  /** No run is recorded in the state folder, which says nothing about the store: it was never archived, or the record was lost. */
  readonly unrecorded?: true;
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
