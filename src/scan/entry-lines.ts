import type { BigIntStats } from 'node:fs';
import type { EntryType } from '../model/entry.ts';
import type { EntryCounts } from '../shards/listing-file.ts';
import { typeLetters } from '../shards/listing-row.ts';
import { typeOf } from './entry-of.ts';

/** Makes lines straight from stats, as `rowLine` makes them of entries, several times faster. */
export interface EntryLines {
  /** The line of an entry, whose size must be exact in a number. `path` and `target` (of links) are escaped. */
  lineOf(path: string, stats: BigIntStats, target: string): string;
  /** What this stat is of. */
  typeOf(stats: BigIntStats): EntryType;
  readonly counts: () => EntryCounts;
}

/** Lines below one root, by its number. */
export function entryLines(disk: number): EntryLines {
  // Neighbours mostly have the same type, mode and owner: what follows from those is made once.
  let mode: bigint | undefined;
  let uid: bigint | undefined;
  let gid: bigint | undefined;
  let type: EntryType = 'file';
  let start = '';
  let end = '';
  const counts = noEntries();
  const look = (stats: BigIntStats) => {
    if (stats.mode === mode && stats.uid === uid && stats.gid === gid) return;
    ({ mode, uid, gid } = stats);
    const bits = Number(mode);
    type = typeOf(bits);
    start = `,${disk},${typeLetters[type]},`;
    end = `,${(bits & 0o7777).toString(8)},${uid},${gid},`;
  };
  return {
    counts: () => counts,
    typeOf(stats) {
      look(stats);
      return type;
    },
    lineOf(path, stats, target) {
      look(stats);
      counts[type] += 1;
      if (type !== 'file') return `${path}${start}0,${stats.mtimeNs}${end}${target},,\n`;
      counts.bytes += Number(stats.size);
      const shared = stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : '';
      return `${path}${start}${stats.size},${stats.mtimeNs}${end},${shared},\n`;
    },
  };
}

/** Nothing found yet. */
export function noEntries(): { -readonly [key in keyof EntryCounts]: number } {
  return {
    file: 0,
    link: 0,
    directory: 0,
    fifo: 0,
    socket: 0,
    'character-device': 0,
    'block-device': 0,
    bytes: 0,
  };
}
