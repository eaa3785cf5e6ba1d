import { uncarriable } from '../disc/uncarriable.ts';
import { displayName } from '../model/byte-name.ts';
import { directoriesBetween } from '../model/relative-path.ts';
import type { DiscSight } from './disc-sight.ts';

/** The names on a disc with those that are to come to it, one by one. */
export interface DiscNames {
  /** Takes a name for a file; what is there already is replaced. Returns why that cannot be, if it cannot. */
  take(key: string): string | undefined;
}

/** The names that a disc has now. */
export function discNames({ entries }: DiscSight): DiscNames {
  const files = new Set<string>();
  const folders = new Set<string>();
  return {
    take(key) {
      const reason = uncarriable({ path: key, type: 'file', mtimeSeconds: 0 });
      if (reason !== undefined) return `cannot be on a disc: ${reason}`;
      const there = entries.get(key);
      if (folders.has(key) || there?.type === 'directory') return 'is a directory on the disc';
      if (there !== undefined && there.type !== 'file') return `is a ${there.type} on the disc, and no archive`;
      if (files.has(key)) return 'is to come to the disc twice';
      const above = directoriesBetween('', key);
      const file = above.find((one) => files.has(one) || (entries.get(one)?.type ?? 'directory') !== 'directory');
      if (file !== undefined) return `would lie below '${displayName(file)}', which is no directory`;
      files.add(key);
      for (const one of above) folders.add(one);
      return undefined;
    },
  };
}
