import type { Manifest, Member } from '../../model/manifest.ts';

/** What one archive is made of: everything about it that grows with its members. */
export interface ArchiveWork {
  /** Members that are read from disk, as lines of the listing without newlines, sorted by path. Can be gone through again. */
  readonly lines: Iterable<string>;
  /** Members that come over from the archive that is replaced. */
  readonly carried: readonly Member[];
  /** The archive that is replaced, with its members. */
  readonly held?: Manifest;
  readonly emptyDirectories: readonly string[];
}
