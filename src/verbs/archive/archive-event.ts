import type { Packing } from '../survey/packing.ts';

/** What becomes of archives that are made. */
export type ArchiveEvent =
  | { readonly kind: 'healed'; readonly archive: string; readonly run: string }
  | { readonly kind: 'stored'; readonly section: string; readonly stored: StoredArchive }
  | { readonly kind: 'archived'; readonly section: string; readonly totals: ArchiveTotals }
  | { readonly kind: 'remaining'; readonly section: string; readonly archives: number; readonly bytes: number };

export interface StoredArchive {
  readonly archive: string;
  readonly members: number;
  readonly contentBytes: number;
  readonly bytes: number;
  /** Absent for one that the store made itself: nobody has read it yet. */
  readonly sha256?: string;
  /** The store made it itself, from the files; or why it did not, where it could have. */
  readonly packed?: Packing;
  readonly replaced: boolean;
  readonly carried: number;
}

export interface ArchiveTotals {
  readonly archives: number;
  readonly members: number;
  readonly contentBytes: number;
  readonly failed: number;
}
