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

export interface PackOptions {
  /** About how many bytes there will be: a large archive is hashed in a thread of its own. */
  readonly expectedBytes?: number;
  /** Looked at once per chunk; the writer then throws `interrupted`. */
  readonly signal?: AbortSignal;
  /** Called per chunk with what was done since the beginning: bytes of content, members. */
  readonly onProgress?: (bytes: number, items: number) => void;
  /**
   * False, the first try: a file that is not as its item says stops the writer with `changed`. True, the second: such a file goes in
   * as it can be read, padded with zeros or cut to the item's size and marked `torn`; what is gone or not for us is left out. Both are told in `unsettled`.
   */
  readonly settle: boolean;
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
