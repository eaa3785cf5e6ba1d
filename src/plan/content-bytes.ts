import type { Entry } from '../model/entry.ts';
import type { Member } from '../model/manifest.ts';

/** How many bytes of content these hold together: several names of one file are stored once. */
export function contentBytes(items: readonly (Entry | Member)[]): number {
  const counted = new Set<string>();
  let bytes = 0;
  for (const item of items) {
    if ('sharedFile' in item && item.sharedFile !== undefined) {
      if (counted.has(item.sharedFile)) continue;
      counted.add(item.sharedFile);
    }
    bytes += item.bytes;
  }
  return bytes;
}
