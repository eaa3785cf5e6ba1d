import type { BigIntStats } from 'node:fs';

/** An open file as `durable` needs it. */
export interface OpenFile {
  /** Writes all of `data` at the current end of what was written; short writes are continued. */
  write(data: Uint8Array): Promise<void>;
  /**
   * Writes as `write` does, but past the page cache, so that none of it is copied or stays in memory: for much that nobody reads soon. What comes is in memory and of a length as `directPieces`
   * has it; the next writing of either kind begins after this one has ended. False if it was written, but not so, and will not be. Absent where there is no such thing.
   */
  readonly writeDirect?: (data: Uint8Array) => Promise<boolean>;
  /** Resolved = the content is on the medium (fsync). */
  sync(): Promise<void>;
  stat(): Promise<BigIntStats>;
  close(): Promise<void>;
}

/**
 * The file operations that change something on a disk: the seam through which tests kill, fill up and fail the n-th step.
 * Paths are local paths in memory form (see model/byte-name.ts). Errors are Node's own.
 */
export interface FileOperations {
  /** Opens for writing. `flags` as in `node:fs`: `wx` to create, `a` to append, `w` to truncate. */
  open(path: string, flags: 'w' | 'wx' | 'a' | 'ax', mode?: number): Promise<OpenFile>;
  mkdir(path: string, mode?: number): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  /** Sets owner, permission bits and time of what the path itself names; a link is not followed and has no permission bits. Times are cut to the microsecond (towards 1970), which is all that Node can set. */
  setAttributes(path: string, attributes: Attributes): Promise<void>;
  /** Makes the names in a folder durable (fsync of the folder; a file system that cannot is taken at its word). */
  syncFolder(path: string): Promise<void>;
  /**
   * Creates a small file with its content and attributes, in one go and without fsync; `EEXIST` if the name is taken. What `open`, `write` and
   * `setAttributes` do for one file, in a tenth of the time: for many. Absent where each of those steps is to be seen.
   */
  readonly createSmall?: (path: string, data: Uint8Array, attributes: Attributes) => void;
  /**
   * Makes a new file that shares the blocks of another one until either is written (a reflink), without fsync: at once, and without room. False, and nothing is there, where the file
   * system has no such thing. `EEXIST` if the name is taken. Absent where each step of copying is to be seen.
   */
  readonly cloneNew?: (from: string, to: string) => Promise<boolean>;
  /** Undefined if there is nothing under that name. Does not follow a link. */
  lstat(path: string): Promise<BigIntStats | undefined>;
}

/** What is absent stays as it is. */
export interface Attributes {
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly mode?: number;
  readonly mtimeNs?: bigint;
}
