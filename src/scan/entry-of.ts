import { type BigIntStats, constants } from 'node:fs';
import type { Entry, EntryType } from '../model/entry.ts';

/** An entry from a stat that did not follow links; undefined if its size is not exact in a number. A link comes without its target. */
export function entryOf(disk: string, path: string, stats: BigIntStats): Entry | undefined {
  const type = typeOf(Number(stats.mode));
  if (stats.size > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return {
    path,
    disk,
    ...factsOf(type, stats),
    ...(type === 'file' && stats.nlink > 1n ? { sharedFile: `${stats.dev}:${stats.ino}` } : {}),
  };
}

/** What a stat says of an entry of this type; only files have bytes. */
export function factsOf<Type extends EntryType>(type: Type, stats: BigIntStats) {
  return {
    type,
    bytes: type === 'file' ? Number(stats.size) : 0,
    mtimeNs: stats.mtimeNs,
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
  };
}

/** The type in the mode of a stat. */
export function typeOf(mode: number): EntryType {
  switch (mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFDIR:
      return 'directory';
    case constants.S_IFLNK:
      return 'link';
    case constants.S_IFIFO:
      return 'fifo';
    case constants.S_IFSOCK:
      return 'socket';
    case constants.S_IFBLK:
      return 'block-device';
    default:
      return 'character-device';
  }
}
