import { bytesOfLine } from '../../shards/listing-row.ts';

/** How many bytes of content the entries of these lines hold together: several names of one file count once. */
export function contentBytesOfLines(lines: Iterable<string>): number {
  const counted = new Set<string>();
  let bytes = 0;
  for (const line of lines) {
    const reason = line.lastIndexOf(',');
    const start = line.lastIndexOf(',', reason - 1) + 1;
    if (start < reason) {
      const shared = line.slice(start, reason);
      if (counted.has(shared)) continue;
      counted.add(shared);
    }
    bytes += bytesOfLine(line);
  }
  return bytes;
}
