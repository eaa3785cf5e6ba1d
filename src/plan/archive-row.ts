import type { Entry } from '../model/entry.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import type { StoreKey } from '../model/store-key.ts';

/** One row of the join of what is on disk, what the store has, and what the catalog knows, for one archive. */
export interface ArchiveRow {
  readonly key: StoreKey;
  /** The name that the rules give, relative to the section's place in the store. */
  readonly name: string;
  /** What the rules map to this archive, from this scan, sorted by path. */
  readonly entries: readonly Entry[];
  /** The object that the store has under this key. */
  readonly held?: Held;
  /** What the catalog knows and the store no longer has. */
  readonly lost?: { readonly manifest: Manifest; readonly recordedAt: string };
  /** Paths that are there and new or changed but cannot be read: not among the entries, so that they do not make the archive due, and not gone. */
  readonly unreadable?: ReadonlySet<string>;
  /** Directories that could not be read and that could hold members of this archive. */
  readonly blind: readonly string[];
}

export interface Held {
  readonly version: string;
  readonly bytes: number;
  /** What is in it: recorded, or adopted from the object itself. */
  readonly manifest?: Manifest;
  /** Why there is no manifest. */
  readonly unreadable?: string;
  readonly neverVerified: boolean;
  /** It is not the object that was recorded, and nothing says what it holds now: somebody else put it there. */
  readonly replacedByOthers?: true;
  /** What the last check of this version found wrong. */
  readonly damage?: string;
  /** Members that are recorded and that the object, which was changed, no longer holds. */
  readonly lacking?: readonly Member[];
}

/** True if the name stands for a tar of many members; any other archive is one file as it is. */
export function isTarName(name: string): boolean {
  return name.endsWith('.tar');
}
