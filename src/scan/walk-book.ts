import type { StatFields } from '../quick-stat.ts';
import type { EntryLines } from './entry-lines.ts';
import { escapeRaw } from './escape-raw.ts';
import { lineBuffer } from './line-buffer.ts';

/** What a walk writes down of what it sees, in memory that can go to another thread. */
export interface WalkBook {
  /** What is put from now on lies in this directory: a raw path. */
  enter(directory: string): void;
  /**
   * An entry that is no link: its raw name, which stands in a listing as it is if it is plain, and the bytes of its path, of which those below the root begin at `from` and the name at `nameAt`.
   */
  put(name: string, isPlain: boolean, path: Uint8Array, from: number, nameAt: number, fields: StatFields): void;
  /** A line of a listing (shards/listing-row.ts), of whatever there is to say. */
  add(line: string): void;
  /** How many were put and added. */
  readonly rows: () => number;
  /** True if no more should come. */
  readonly isFull: () => boolean;
  /** All of it, in memory of its own. Nothing may come afterwards. */
  take(): Uint8Array;
}

/** The lines of a listing. */
export function listingBook(lines: EntryLines, bytes: number): WalkBook {
  const out = lineBuffer(bytes);
  let prefix: Uint8Array = Buffer.alloc(0);
  return {
    enter(directory) {
      prefix = Buffer.from(directory === '' ? '' : escapeRaw(`${directory}/`), 'utf8');
    },
    put(name, isPlain, path, _, nameAt, fields) {
      if (isPlain) lines.put(out, prefix, path, nameAt, fields);
      else lines.put(out, prefix, Buffer.from(escapeRaw(name), 'utf8'), 0, fields);
    },
    add: out.add,
    rows: out.rows,
    isFull: out.isFull,
    take: out.take,
  };
}
