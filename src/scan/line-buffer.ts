import { isAsciiName } from '../model/byte-name.ts';

/** Lines on their way into a shard, in memory that can go to another thread. */
export interface LineBuffer {
  add(line: string): void;
  readonly rows: () => number;
  /** True if no more should come. */
  readonly isFull: () => boolean;
  /** All that was added, in memory of its own. */
  take(): Uint8Array;
}

/** What is gathered as text before it is encoded: longer text costs more to put together than to encode. */
const piece = 16_384;
/** More than one line can take: a path of 4096 and a target of as many bytes, each as %XX. */
const longestLine = 32_768;

/** A buffer that takes about as many bytes as it is told, and more if it must. */
export function lineBuffer(bytes: number): LineBuffer {
  let buffer = Buffer.allocUnsafeSlow(bytes);
  let length = 0;
  let text = '';
  let rows = 0;
  const encode = () => {
    // No character takes more than three bytes.
    if (length + text.length * 3 > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(buffer.length * 2 + text.length * 3);
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    // As a copy, where characters are bytes: several times faster.
    length += buffer.write(text, length, isAsciiName(text) ? 'latin1' : 'utf8');
    text = '';
  };
  return {
    add(line) {
      text += line;
      rows += 1;
      if (text.length >= piece) encode();
    },
    rows: () => rows,
    isFull: () => length + 3 * (piece + longestLine) > buffer.length,
    take() {
      encode();
      return buffer.subarray(0, length);
    },
  };
}
