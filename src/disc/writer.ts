import type { DiscDigests } from './source-digests.ts';
import type { DiscVerdict } from './verdict.ts';

/** What room there is on a medium, in bytes. */
export interface MediaCapacity {
  readonly total: number;
  /** By the sessions that are there. */
  readonly used: number;
  /** For one more session, with its lead-in taken off. */
  readonly available: number;
}

export interface InitializeOptions {
  /** True: the medium is begun anew, and what it held is gone once the new is written and checked. False: a session is added. */
  readonly newDisc: boolean;
  /** The volume label; that of the medium stays if not given. */
  readonly mediaLabel?: string;
}

export interface WriteOptions {
  /** Digests that are known already, by path on the disc: the files are then compared with these, and not read twice. */
  readonly digests?: DiscDigests;
  /** False: what was written is not read back. For a drive alone; an image is always checked before it takes its name. */
  readonly check?: boolean;
  readonly signal?: AbortSignal;
}

/** What became of a writing. */
export interface WrittenDisc {
  /** Of the files that were written, by path on the disc: hex SHA-256. */
  readonly digests: DiscDigests;
  /** Undefined where nobody looked. */
  readonly verdict: DiscVerdict | undefined;
}

/**
 * Writes sessions to one medium: an image, or what lies in a drive. First `initializeImage`, then the entries, then the estimate if it is wanted,
 * then `writeImage`; then it can begin again.
 */
export interface Writer {
  /** Begins a session that has no entries yet. */
  initializeImage(options: InitializeOptions): void;
  /**
   * Adds a local directory with all that is in it, or a file; `graftPoint` is where it goes, relative to the disc's root: its contents lie
   * there. The top of the disc if not given.
   */
  addImageEntry(path: string, graftPoint?: string): void;
  /** Changes whether the medium is begun anew. */
  setImageNewDisc(newDisc: boolean): void;
  /** The bytes that the session will take, as xorriso computes them. Throws `refused` for what a disc cannot carry. Writes nothing. */
  getEstimatedImageSize(signal?: AbortSignal): Promise<number>;
  /** The room on the medium; with `entireDisc` as if it were empty. */
  retrieveCapacity(options?: { readonly entireDisc?: boolean; readonly signal?: AbortSignal }): Promise<MediaCapacity>;
  /**
   * Writes the session and reads it back. Throws `full`, with both sizes, before anything is written if there is no room; `refused` for what a disc
   * cannot carry; `corrupt` if what is read back is not what was to be written: then an image is as it was before; `interrupted` after the
   * signal, and then too.
   */
  writeImage(options?: WriteOptions): Promise<WrittenDisc>;
}
