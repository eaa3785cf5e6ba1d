import type { Member } from '../model/manifest.ts';
import type { PackThreads } from './pack-threads.ts';

/** How an archive is packed. */
export interface PackOptions {
  /** About how many bytes there will be: a large archive is hashed in a thread of its own. */
  readonly expectedBytes?: number;
  /** For an archive of many small files: threads that read and hash them. The bytes of the archive are the same without. */
  readonly threads?: PackThreads;
  /** Looked at once per chunk; the writer then throws `interrupted`. */
  readonly signal?: AbortSignal;
  /** Called per chunk with what was done since the beginning: bytes of content, members. */
  readonly onProgress?: (bytes: number, items: number) => void;
  /** Called once, when all has been handed out: the members as `result` will give them. The archive may not be durable for a while yet. */
  readonly onMembers?: (members: readonly Member[]) => void;
  /**
   * False, the first try: a file that is not as its item says stops the writer with `changed`. True, the second: such a file goes in
   * as it can be read, padded with zeros or cut to the item's size and marked `torn`; what is gone or not for us is left out. Both are told in `unsettled`.
   */
  readonly settle: boolean;
}
