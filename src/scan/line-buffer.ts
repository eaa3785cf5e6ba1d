/** Lines on their way into a shard, in memory that can go to another thread. */
export interface LineBuffer {
  /** Adds a line that is text. */
  add(line: string): void;
  /** The memory, with so much room behind `length()` as is asked for. It may be another each time. */
  room(bytes: number): Uint8Array;
  /** Where the next line begins. */
  readonly length: () => number;
  /** A line was written into the memory, and ends here. */
  endLine(length: number): void;
  readonly rows: () => number;
  /** True if no more should come. */
  readonly isFull: () => boolean;
  /** All that was added, in memory of its own. */
  take(): Uint8Array;
}

/** More than one line can take: a path of 4096 and a target of as many bytes, each as %XX. */
const longestLine = 32_768;

/** A buffer that takes about as many bytes as it is told, and more if it must. */
export function lineBuffer(bytes: number): LineBuffer {
  let buffer = Buffer.allocUnsafeSlow(bytes);
  let length = 0;
  let rows = 0;
  const room = (more: number): Buffer => {
    if (length + more > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(buffer.length * 2 + more);
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    return buffer;
  };
  return {
    room,
    length: () => length,
    endLine(end) {
      length = end;
      rows += 1;
    },
    add(line) {
      // No character takes more than three bytes.
      length += room(line.length * 3).write(line, length, 'utf8');
      rows += 1;
    },
    rows: () => rows,
    isFull: () => length + longestLine > buffer.length,
    take: () => buffer.subarray(0, length),
  };
}
