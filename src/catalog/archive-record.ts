import type { Evidence, EvidenceLevel } from '../model/evidence.ts';
import { reaches } from '../model/evidence.ts';
import type { ManifestHead } from '../model/manifest.ts';
import type { StoreKey } from '../model/store-key.ts';

/** What is said of an archive as a whole, and where its members are told: they are read when they are needed, and not held. */
export interface ArchiveHead extends ManifestHead {
  readonly lines: MemberLines;
  /** Members of every kind. */
  readonly members: number;
  /** Members that are no directories, and what they hold. */
  readonly contentMembers: number;
  readonly contentBytes: number;
}

/** The part of a journal that tells the members of one archive. */
export interface MemberLines {
  readonly run: string;
  /** In bytes. */
  readonly offset: number;
  readonly length: number;
}

/** What the catalog knows of one object: what it is, where its members are told, which version of it that is, and how closely it was checked. */
export interface ArchiveRecord {
  readonly head: ArchiveHead;
  readonly version: string;
  readonly modifiedNs?: bigint;
  /** When it was recorded: ISO 8601, UTC. */
  readonly recordedAt: string;
  readonly run: string;
  /** Checks of this version that found it intact, oldest first. */
  readonly evidence: readonly Evidence[];
  /** The last check of this version, if it found anything wrong. */
  readonly damage?: Damage;
  /** The recording as it was made, with those that it replaced: what a member's age is told from. */
  readonly recording: Recording;
}

/** One recording of an archive, and the one of the same name before it. */
export interface Recording {
  readonly head: ArchiveHead;
  readonly recordedAt: string;
  readonly earlier?: Recording;
}

export interface Damage {
  readonly at: string;
  readonly level: EvidenceLevel;
  readonly outcome: 'damaged' | 'missing';
  readonly problems: readonly string[];
  /** The version in which it was found, where that is not the recorded one. */
  readonly seen?: string;
}

/** An object that was written and never recorded: the run was killed in between. */
export interface PendingWrite {
  readonly key: StoreKey;
  readonly token: string;
  readonly version: string;
  readonly modifiedNs?: bigint;
  readonly head: ArchiveHead;
}

/** An object as a store shows it, so far as the catalog compares it. */
interface Seen {
  readonly bytes: number;
  readonly version: string;
  readonly modifiedNs?: bigint;
}

/**
 * True if what the store shows is what was recorded: the same version, or, for a store that was moved file by file,
 * the same size and the same time to the nanosecond.
 */
export function isSameObject(
  recorded: { readonly version: string; readonly modifiedNs?: bigint; readonly head: { readonly bytes: number } },
  seen: Seen,
): boolean {
  if (recorded.head.bytes !== seen.bytes) return false;
  if (recorded.version === seen.version) return true;
  return recorded.modifiedNs !== undefined && recorded.modifiedNs === seen.modifiedNs;
}

/** True if nobody ever saw that the archive holds what its name promises: it was adopted, and no check reached the rung index. */
export function isNeverVerified(record: ArchiveRecord): boolean {
  return record.head.adopted && !record.evidence.some((evidence) => reaches(evidence.level, 'index'));
}

/** The closest check that found the archive intact, the latest of its rung; undefined if there is none. */
export function bestEvidence(record: ArchiveRecord): Evidence | undefined {
  let best: Evidence | undefined;
  for (const evidence of record.evidence) {
    if (best === undefined || reaches(evidence.level, best.level)) best = evidence;
  }
  return best;
}
