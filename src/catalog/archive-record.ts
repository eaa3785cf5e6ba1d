import type { Evidence, EvidenceLevel } from '../model/evidence.ts';
import { reaches } from '../model/evidence.ts';
import type { Manifest } from '../model/manifest.ts';
import type { StoreKey } from '../model/store-key.ts';

/** What the catalog knows of one object: what is in it, which version of it that is, and how closely it was checked. */
export interface ArchiveRecord {
  readonly manifest: Manifest;
  readonly version: string;
  readonly modifiedNs?: bigint;
  /** When it was recorded: ISO 8601, UTC. */
  readonly recordedAt: string;
  readonly run: string;
  /** Checks of this version that found it intact, oldest first. */
  readonly evidence: readonly Evidence[];
  /** The last check of this version, if it found anything wrong. */
  readonly damage?: Damage;
  /** Members that stood unchanged in an earlier archive of the same name: since when. Others since `recordedAt`. */
  readonly since: ReadonlyMap<string, string>;
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
  readonly manifest: Manifest;
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
  recorded: { readonly version: string; readonly modifiedNs?: bigint; readonly manifest: { readonly bytes: number } },
  seen: Seen,
): boolean {
  if (recorded.manifest.bytes !== seen.bytes) return false;
  if (recorded.version === seen.version) return true;
  return recorded.modifiedNs !== undefined && recorded.modifiedNs === seen.modifiedNs;
}

/** True if nobody ever saw that the archive holds what its name promises: it was adopted, and no check reached the rung index. */
export function isNeverVerified(record: ArchiveRecord): boolean {
  return record.manifest.adopted && !record.evidence.some((evidence) => reaches(evidence.level, 'index'));
}

/** The closest check that found the archive intact, the latest of its rung; undefined if there is none. */
export function bestEvidence(record: ArchiveRecord): Evidence | undefined {
  let best: Evidence | undefined;
  for (const evidence of record.evidence) {
    if (best === undefined || reaches(evidence.level, best.level)) best = evidence;
  }
  return best;
}
