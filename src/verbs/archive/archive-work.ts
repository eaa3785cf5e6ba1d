import type { Entry } from '../../model/entry.ts';
import type { Manifest, Member } from '../../model/manifest.ts';

/** What one archive is made of: everything about it that grows with its members, held only while it is made. */
export interface ArchiveWork {
  /** Members that are read from disk. */
  readonly entries: readonly Entry[];
  /** Members that come over from the archive that is replaced. */
  readonly carried: readonly Member[];
  /** The archive that is replaced, with its members. */
  readonly held?: Manifest;
  readonly emptyDirectories: readonly string[];
}
