import type { Member } from '../model/manifest.ts';

/** Where the content of a member comes from. */
export type Content =
  /** Directories, links and further names of a file that is already in the archive. */
  | { readonly kind: 'none' }
  /** A file: an absolute local path in memory form. */
  | { readonly kind: 'disk'; readonly path: string }
  /** Carried over from an older archive. If `sha256` is given and what was read differs, the writer throws `corrupt`. */
  | {
      readonly kind: 'stored';
      open(): Promise<AsyncIterable<Uint8Array>>;
      readonly sha256?: string;
      /** It was torn when it was first archived, and still is. */
      readonly torn?: true;
    };

/** What the writer needs to know of one member before it reads it. */
export interface PackItem {
  readonly member: Omit<Member, 'sha256' | 'offset' | 'torn'>;
  readonly content: Content;
}

/** A file that did not hold still. */
export interface Unsettled {
  /** The member's path. */
  readonly path: string;
  /** `changed`: it is in the archive, torn. `vanished`, `unreadable`: it is not in the archive. */
  readonly kind: 'changed' | 'vanished' | 'unreadable';
  readonly reason: string;
}

/** What was written. */
export interface Packed {
  readonly bytes: number;
  /** Hex SHA-256 of the whole archive. */
  readonly sha256: string;
  /** In the order of the items. */
  readonly members: readonly Member[];
  readonly unsettled: readonly Unsettled[];
}

/** An archive as it comes into being. `chunks` can be read once; a chunk is used again once the next but one is asked for. */
export interface PackedStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** What was written; a `bug` before `chunks` has ended. */
  result(): Packed;
}
