import type { Member } from '../model/manifest.ts';

/** How an archive is packed. */
export interface PackOptions {
  /** About how many bytes there will be: a large archive is hashed in a thread of its own. */
  readonly expectedBytes?: number;
  /** True where other threads have enough to do: then even a large archive is hashed here. */
  readonly hashHere?: boolean;
  /** Looked at once per chunk; the writer then throws `interrupted`. */
  readonly signal?: AbortSignal;
  /** Called per chunk with what was done since the beginning: bytes of content, members. */
  readonly onProgress?: (bytes: number, items: number) => void;
  /** Told of each member as it gets into the archive, in their order. */
  readonly onMember?: (member: Member) => void;
  /**
   * False, the first try: a file that is not as its item says stops the writer with `changed`. True, the second: such a file goes in
   * as it can be read, padded with zeros or cut to the item's size and marked `torn`; what is gone or not for us is left out. Both are told in `unsettled`.
   */
  readonly settle: boolean;
}
