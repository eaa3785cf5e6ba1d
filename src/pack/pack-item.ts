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
  /** Items behind it are hard links to it. */
  readonly shared?: true;
}

/** A piece of an archive that was packed elsewhere: headers, contents and padding of some items. */
export interface PackedPart {
  readonly bytes: Uint8Array;
  readonly members: number;
  readonly contentBytes: number;
  /** Called when it gets its place: where it begins in the archive. Who packed it records its members. */
  placed(offset: number): void;
  /** Called when its memory is no longer looked at. */
  release(): void;
}

/** What an archive is made of, in its order. */
export type PackStep = { readonly item: PackItem } | { readonly part: PackedPart };

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
  /** How many members it has; `PackOptions.onMember` was told of each, unless a packed part brought it. */
  readonly members: number;
  readonly unsettled: readonly Unsettled[];
}

/** An archive as it comes into being. `chunks` can be read once; a chunk is used again once the next but one is asked for. */
export interface PackedStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** What was written; a `bug` before `chunks` has ended. */
  result(): Packed;
}
