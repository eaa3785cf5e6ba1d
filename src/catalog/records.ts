import type { NameInJson } from '../model/byte-name.ts';
import type { EvidenceLevel } from '../model/evidence.ts';
import type { DigestSource, Manifest } from '../model/manifest.ts';
import type { MemberInJson } from '../model/manifest-json.ts';

/**
 * What a journal says, line by line. A run begins with `run`; each archive is a `manifest`, its `member` lines, `written`
 * when the object is durable, and `recorded` when it stands under its name. The format is described in docs/formats/journal.md.
 */
export type JournalRecord =
  | RunRecord
  | ManifestRecord
  | ({ readonly kind: 'member' } & MemberInJson)
  | WrittenRecord
  | RecordedRecord
  | DiscardedRecord
  | EvidenceRecord
  | EndRecord;

/**
 * What a reader of a whole journal gets: records as they stand, and for the member lines that follow one another (those of one manifest) only
 * where they are and what they come to.
 */
export type JournalItem = Exclude<JournalRecord, { readonly kind: 'member' }> | MemberBlock;

export interface MemberBlock {
  readonly kind: 'members';
  /** The bytes of the journal that the lines take, line ends included. */
  readonly offset: number;
  readonly length: number;
  readonly count: number;
  /** Those that are no directories. */
  readonly content: number;
  /** What these hold; several names of one file count once. */
  readonly contentBytes: number;
}

export type RunVerb = 'archive' | 'verify' | 'rebuild-catalog';

export interface RunRecord {
  readonly kind: 'run';
  readonly format: 1;
  readonly run: string;
  readonly verb: RunVerb;
  readonly section: string;
  /** The tree and the store that this run worked on; another configuration must not use the record. */
  readonly root: string;
  readonly store: string;
  readonly at: string;
  readonly stowage: string;
}

/** Followed by `members` member lines. `token` ties it to its `written` and `recorded`. */
export interface ManifestRecord {
  readonly kind: 'manifest';
  readonly token: string;
  readonly key: string;
  readonly format: Manifest['format'];
  readonly bytes: number;
  readonly sha256?: string;
  readonly md5?: string;
  /** What a listing said of the members when they were archived: see shards/signature.ts. */
  readonly signature?: string;
  readonly base: string;
  readonly adopted: boolean;
  readonly digestsFrom: DigestSource;
  readonly members: number;
  /** What it holds and no member stands for; absent if there is nothing. */
  readonly foreign?: readonly (NameInJson & { readonly what: string })[];
}

/** The object of this token is durable in the store and not yet under its name. */
export interface WrittenRecord {
  readonly kind: 'written';
  readonly token: string;
  readonly key: string;
  readonly bytes: number;
  readonly version: string;
  readonly modified?: string;
}

/** The object of this token stands under its name: the catalog holds it from here on. */
export interface RecordedRecord {
  readonly kind: 'recorded';
  readonly token: string;
  readonly key: string;
  readonly bytes: number;
  readonly version: string;
  readonly modified?: string;
  readonly level: EvidenceLevel;
  readonly at: string;
}

/** The written object of this token was given up and will never be recorded. */
export interface DiscardedRecord {
  readonly kind: 'discarded';
  readonly token: string;
  readonly key: string;
}

/** What a check found about one version of an object. */
export interface EvidenceRecord {
  readonly kind: 'evidence';
  readonly key: string;
  readonly version: string;
  readonly level: EvidenceLevel;
  readonly at: string;
  readonly outcome: 'intact' | 'damaged' | 'missing';
  readonly problems: readonly string[];
  /** The version that was looked at, where it is not the recorded one. */
  readonly seen?: { readonly version: string; readonly modified?: string };
  /** A manifest with digests that this check computed, for an archive that had none. */
  readonly token?: string;
}

export interface EndRecord {
  readonly kind: 'end';
  readonly at: string;
}
