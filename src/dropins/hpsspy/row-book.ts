import { constants } from 'node:fs';
import { nameFromRaw } from '../../model/byte-name.ts';
import { quickLstat, statField } from '../../quick-stat.ts';
import { putNumber } from '../../scan/digits.ts';
import type { EntryLines } from '../../scan/entry-lines.ts';
import { escapeRaw } from '../../scan/escape-raw.ts';
import { suspectBytes, type Walked, type WalkOrder, walk } from '../../scan/walk.ts';
import { listingBook, type WalkBook } from '../../scan/walk-book.ts';
import { diskRows } from './disk-rows.ts';
import { type DirectoryBytes, type DirectoryHead, directoriesIn, runPieces } from './disk-run-file.ts';
import { sortedRows, sortedRun } from './merged-runs.ts';

const { S_IFMT, S_IFDIR, S_IFREG } = constants;
const comma = 0x2c;
const carriageReturn = 0x0d;
const newline = 0x0a;
/** More than a row takes besides its path. */
const numbersRoom = 64;
/** More than one row, or line of a listing, can take. */
const longest = 32_768;
/** What a float makes of more nanoseconds may be the next second. */
const nearNext = 999_000_000;
/** Lines of what is odd in one directory. */
const oddBytes = 1 << 16;

/** The rows of one directory on their way: one walk at a time uses it, and the next has it again. Most directories need no more; of its memory only what is used is there. */
let scratch = Buffer.allocUnsafeSlow(4 << 20);

/** A walk whose lines are pieces of a run (disk-run-file.ts): rows of a cache, straight from what is looked at. */
export function walkForRows(order: WalkOrder, lstat = quickLstat): Walked {
  return walk(order, lstat, (lines, bytes) => rowBook(order, lines, bytes));
}

/**
 * The rows of a cache for what a walk sees: plain files at once, and all else of a directory by way of lines of a listing (disk-rows.ts). Of directories there is nothing
 * to write: each is walked as well.
 */
function rowBook({ roots, work: { disk } }: WalkOrder, lines: EntryLines, bytes: number): WalkBook {
  const pieces = runPieces(0);
  let text = scratch;
  let length = 0;
  let all = 0;
  // The directory that is walked, and what is in it.
  let directory = '';
  let isPlainDirectory = false;
  let entries = 0;
  let directories = 0;
  let rows = 0;
  let rowBytes = 0;
  let isSorted = true;
  let last = '';
  let odd: WalkBook | undefined;
  // Many files come from one burst of writing.
  let seconds = -1;
  const time = Buffer.alloc(32);
  let timeLength = 0;

  const head = (): DirectoryHead => {
    const key = nameFromRaw(directory).replaceAll('/', '\0');
    return { disk, key, odd: [], readable: true, rows };
  };
  const endDirectory = () => {
    lines.count('file', rows, rowBytes);
    lines.count('directory', directories, 0);
    if (!isSorted) text.set(sortedRows(text.subarray(0, length)));
    if (odd !== undefined) {
      const parts: DirectoryBytes[] = [...directoriesIn(diskRows(odd.take(), roots))];
      if (entries > 0) parts.push({ ...head(), text: text.subarray(0, length) });
      for (const { text: own, ...one } of sortedRun(parts)) pieces.add(one, own, 0, own.length);
    } else if (entries > 0) pieces.add(head(), text, 0, length);
    length = 0;
    entries = 0;
    directories = 0;
    rows = 0;
    rowBytes = 0;
    isSorted = true;
    last = '';
    odd = undefined;
  };
  const oddBook = (): WalkBook => {
    if (odd === undefined) {
      odd = listingBook(lines, oddBytes);
      odd.enter(directory);
    }
    return odd;
  };
  const grow = (least: number) => {
    const larger = Buffer.allocUnsafeSlow(least * 2);
    text.copy(larger, 0, 0, length);
    text = larger;
    scratch = larger;
  };
  return {
    enter(next) {
      endDirectory();
      directory = next;
      isPlainDirectory = escapeRaw(next) === next;
    },
    put(name, isPlain, path, from, nameAt, fields) {
      all += 1;
      entries += 1;
      const format = fields[statField.mode]! & S_IFMT;
      if (format === S_IFDIR && fields[statField.bytes]! < suspectBytes) {
        directories += 1;
        return;
      }
      if (!isPlain || !isPlainDirectory || format !== S_IFREG) {
        // A directory as well: one that is read piece by piece may be empty by then.
        oddBook().put(name, isPlain, path, from, nameAt, fields);
        return;
      }
      const end = path.length;
      if (length + end + numbersRoom > text.length) grow(length + end + numbersRoom);
      const memory = text;
      let to = length;
      for (let at = from; at < end; at += 1) {
        memory[to] = path[at]!;
        to += 1;
      }
      const size = fields[statField.bytes]!;
      memory[to] = comma;
      to = putNumber(memory, to + 1, size);
      memory[to] = comma;
      to += 1;
      const whole = wholeOf(fields[statField.seconds]!, fields[statField.nanoseconds]!);
      if (whole !== seconds) {
        seconds = whole;
        timeLength = putNumber(time, 0, whole);
      }
      for (let digit = 0; digit < timeLength; digit += 1) memory[to + digit] = time[digit]!;
      to += timeLength;
      memory[to] = carriageReturn;
      memory[to + 1] = newline;
      length = to + 2;
      rows += 1;
      rowBytes += size;
      if (name <= last) isSorted = false;
      last = name;
    },
    add(line) {
      all += 1;
      oddBook().add(line);
    },
    rows: () => all,
    isFull: () => pieces.length() + length + longest > bytes,
    take() {
      endDirectory();
      return pieces.take();
    },
  };
}

/** As Python has it: through a float, and then cut towards zero. */
function wholeOf(seconds: number, nanoseconds: number): number {
  return nanoseconds < nearNext ? seconds : Math.trunc(seconds + nanoseconds * 1e-9);
}
