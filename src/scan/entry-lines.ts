import type { BigIntStats } from 'node:fs';
import type { EntryType } from '../model/entry.ts';
import { type StatFields, statField } from '../quick-stat.ts';
import type { EntryCounts } from '../shards/listing-file.ts';
import { typeLetters } from '../shards/listing-row.ts';
import { copyBytes, putNumber, putPadded } from './digits.ts';
import { typeOf } from './entry-of.ts';
import type { LineBuffer } from './line-buffer.ts';

/** Makes lines straight from stats, as `rowLine` makes them of entries, many times faster. */
export interface EntryLines {
  /** The line of an entry, whose size must be exact in a number. `path` and `target` (of links) are escaped. */
  lineOf(path: string, stats: BigIntStats, target: string): string;
  /** What this stat is of. */
  typeOf(stats: BigIntStats): EntryType;
  /**
   * Puts the line of what is no link: its path is what these bytes hold of the directory, ending in a slash unless it is empty, and then those of `name`
   * from `nameAt` on. All of them are escaped.
   */
  put(out: LineBuffer, directory: Uint8Array, name: Uint8Array, nameAt: number, fields: StatFields): void;
  /** Counts entries that have no line. Only files have bytes. */
  count(type: EntryType, entries: number, bytes: number): void;
  readonly counts: () => EntryCounts;
}

const comma = 0x2c;
const newline = 0x0a;
/** More than the numbers and commas of a line take. */
const numbersRoom = 256;

/** Lines below one root, by its number. */
export function entryLines(disk: number): EntryLines {
  // Neighbours mostly have the same type, mode and owner: what follows from those is made once.
  let mode = -1;
  let uid = -1;
  let gid = -1;
  let type: EntryType = 'file';
  let start = '';
  let end = '';
  let startBytes: Uint8Array = Buffer.alloc(0);
  let endBytes: Uint8Array = Buffer.alloc(0);
  // And many come from one burst of writing.
  let seconds = -1;
  let nanoseconds = -1;
  const time = Buffer.alloc(32);
  let timeLength = 0;
  const counts = noEntries();
  const look = (newMode: number, newUid: number, newGid: number): EntryType => {
    if (newMode === mode && newUid === uid && newGid === gid) return type;
    mode = newMode;
    uid = newUid;
    gid = newGid;
    type = typeOf(mode);
    start = `,${disk},${typeLetters[type]},`;
    end = `,${(mode & 0o7777).toString(8)},${uid},${gid},`;
    startBytes = Buffer.from(start);
    endBytes = Buffer.from(end);
    return type;
  };
  const lookAt = (stats: BigIntStats) => look(Number(stats.mode), Number(stats.uid), Number(stats.gid));
  const lookAtFields = (fields: StatFields) =>
    look(fields[statField.mode]!, fields[statField.user]!, fields[statField.group]!);
  return {
    counts: () => counts,
    typeOf: lookAt,
    count(of, entries, bytes) {
      counts[of] += entries;
      counts.bytes += bytes;
    },
    lineOf(path, stats, target) {
      lookAt(stats);
      counts[type] += 1;
      if (type !== 'file') return `${path}${start}0,${stats.mtimeNs}${end}${target},,\n`;
      counts.bytes += Number(stats.size);
      const shared = stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : '';
      return `${path}${start}${stats.size},${stats.mtimeNs}${end},${shared},\n`;
    },
    put(out, directory, name, nameAt, fields) {
      lookAtFields(fields);
      const isFile = type === 'file';
      const bytes = isFile ? fields[statField.bytes]! : 0;
      counts[type] += 1;
      counts.bytes += bytes;
      const line = out.room(directory.length + name.length - nameAt + numbersRoom);
      let at = copyBytes(line, out.length(), directory);
      at = copyBytes(line, at, name, nameAt);
      at = copyBytes(line, at, startBytes);
      at = putNumber(line, at, bytes);
      line[at] = comma;
      if (fields[statField.seconds] !== seconds || fields[statField.nanoseconds] !== nanoseconds) {
        seconds = fields[statField.seconds]!;
        nanoseconds = fields[statField.nanoseconds]!;
        timeLength = putPadded(time, putNumber(time, 0, seconds), nanoseconds, 9);
      }
      at += 1;
      for (let digit = 0; digit < timeLength; digit += 1) line[at + digit] = time[digit]!;
      at = copyBytes(line, at + timeLength, endBytes);
      line[at] = comma;
      at += 1;
      if (isFile && fields[statField.links]! > 1) {
        at = putNumber(line, at, fields[statField.device]!);
        line[at] = 0x3a;
        at = putNumber(line, at + 1, fields[statField.inode]!);
      }
      line[at] = comma;
      line[at + 1] = newline;
      out.endLine(at + 2);
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
