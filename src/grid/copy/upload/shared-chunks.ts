import type { Content } from './content.ts';
import type { LocalFile } from './local-file.ts';

/** The bytes of one file for several who read it at about the same time: read once, unless one falls far behind the others. */
export interface SharedChunks {
  /** All of it, in order, from its beginning. What it yields is shared: nobody may change it. */
  all(): AsyncGenerator<Buffer>;
}

/** How many chunks are kept for those who are behind. Who is further behind reads for himself, and keeps nobody waiting. */
const kept = 4;

/** The chunks of an open file. */
export function sharedChunks(file: LocalFile, content: Content, chunkBytes: number): SharedChunks {
  const recent = new Map<number, Promise<Buffer>>();

  function chunkAt(offset: number): Promise<Buffer> {
    const known = recent.get(offset);
    if (known !== undefined) return known;
    const read = file.read(offset, Math.min(chunkBytes, content.bytes - offset));
    recent.set(offset, read);
    for (const oldest of recent.keys()) {
      if (recent.size <= kept) break;
      recent.delete(oldest);
    }
    return read;
  }

  return {
    async *all() {
      if (content.whole !== undefined) {
        if (content.bytes > 0) yield content.whole;
        return;
      }
      for (let at = 0; at < content.bytes; at += chunkBytes) yield chunkAt(at);
    },
  };
}
