/** The kinds of things that can lie in a tree. */
export type EntryType = 'file' | 'link' | 'directory' | 'fifo' | 'socket' | 'character-device' | 'block-device';

/** One name under a tree, as one scan saw it. */
export interface Entry {
  /** Relative to the section, in memory form (see byte-name.ts). */
  readonly path: string;
  /** The disk root that it was found below: an absolute local path. */
  readonly disk: string;
  readonly type: EntryType;
  /** Size of the content; 0 for everything but files. */
  readonly bytes: number;
  /** Nanoseconds since 1970 UTC. */
  readonly mtimeNs: bigint;
  /** The twelve permission bits. */
  readonly mode: number;
  /** Numbers of user and group; `unknownOwner` where nobody said. */
  readonly uid: number;
  readonly gid: number;
  /** Where a link points, exactly as it is written in it. */
  readonly target?: string;
  /** Device and inode, for a file that has more than one name: names with the same value are one file. */
  readonly sharedFile?: string;
}

/** Who owns what a list that others made does not say the owner of; no user has this number, and chown(2) leaves the owner alone for it. */
export const unknownOwner = -1;

/** A place of the tree that could not be looked at. */
export interface Unseen {
  readonly path: string;
  readonly disk: string;
  /** `unreadable`: it is there, but not for us. `vanished`: it was listed and gone when looked at. */
  readonly kind: 'unreadable' | 'vanished';
  /** True if what could not be read is a directory: there may be anything below it. */
  readonly directory: boolean;
  readonly reason: string;
}
