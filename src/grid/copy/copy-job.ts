import type { CatalogueEntry } from '../grid-results.ts';

/** One file that is to be on the Grid. */
export interface Upload {
  readonly kind: 'upload';
  /** The file on this machine: an absolute path as `model/byte-name` has names. */
  readonly local: string;
  /** What it is to be called: absolute, and no directory. */
  readonly lfn: string;
  /** Where to: `disk:2`, names of storage elements, `!SE` for one that is not wanted. */
  readonly where: readonly string[];
  /** It may only take the place of this content, which keeps another name; what has that name goes. */
  readonly inPlaceOf?: InPlaceOf;
}

/** The content whose place is taken, as it was seen, and the name that it gets. */
export interface InPlaceOf {
  readonly old: CatalogueEntry;
  readonly keep: string;
}

/** One file of the Grid that is to be on this machine. */
export interface Download {
  readonly kind: 'download';
  /** Absolute. */
  readonly lfn: string;
  /** What it is to be called here: an absolute path as `model/byte-name` has names, and no directory. */
  readonly local: string;
  /** From where first: names of storage elements, qualities, `!SE` for one that is not wanted. */
  readonly where: readonly string[];
  /** What the catalogue said of it, where that was asked already. */
  readonly known?: KnownFile;
}

/** What the catalogue says of a file's content. `md5` is absent where it keeps none. */
export interface KnownFile {
  readonly bytes: number;
  readonly md5?: string;
  /** Nobody can tell which of the times of two systems is the later, but for whole seconds. */
  readonly changed?: Date;
}

/** One file that is to be copied. */
export type CopyJob = Upload | Download;
