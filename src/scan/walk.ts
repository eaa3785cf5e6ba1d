import { constants, lstatSync, opendirSync, readdirSync, readlinkSync } from 'node:fs';
import { plainReason, systemCode } from '../errors.ts';
import { fsPathOfRaw, nameFromBytes, nameFromRaw, rawName } from '../model/byte-name.ts';
import type { Unseen } from '../model/entry.ts';
import { quickLstat, statField } from '../quick-stat.ts';
import { escapeName } from '../shards/escaped-name.ts';
import type { EntryCounts } from '../shards/listing-file.ts';
import { rowLine } from '../shards/listing-row.ts';
import { hangsInDisk } from './disk-link.ts';
import { entryLines } from './entry-lines.ts';
import { escapeRaw } from './escape-raw.ts';
import { pathBytes } from './path-bytes.ts';
import { listingBook, type WalkBook } from './walk-book.ts';
import { namesOf, type Work, workOf } from './work.ts';

/** What to walk, and how far to go at most. */
export interface WalkOrder {
  readonly roots: readonly string[];
  /** The number of the root in which the process stands (stand-in.ts): what lies below it is looked at from there. */
  readonly standsIn?: number | undefined;
  readonly work: Work;
  /** After this time, and after so many bytes of lines, it ends at the next chance. */
  readonly milliseconds: number;
  readonly bytes: number;
}

/** What a walk found, and what it left. */
export interface Walked {
  /** What the book made of what was seen: lines of a listing (shards/listing-row.ts), if not said otherwise. */
  readonly lines: Uint8Array;
  readonly rows: number;
  readonly counts: EntryCounts;
  readonly unseen: number;
  /** What is still to be done; together with `lines` and `giants` it is all of the work that was ordered. */
  readonly rest: readonly Work[];
  /** Directories with so many names that they must be read piece by piece: raw paths. */
  readonly giants: readonly string[];
}

/** A directory as large as this may be a giant. Of most file systems; where its size says nothing, it is read in one go. */
export const suspectBytes = 1 << 20;
/** So many names at once cost no memory worth speaking of. */
const manyNames = 32_768;
const entriesBetweenLooks = 128;
const statOptions = { bigint: true, throwIfNoEntry: false } as const;
const { S_IFMT, S_IFDIR, S_IFLNK } = constants;
const largest = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Looks at everything below the ordered work, depth first, until it is done or has gone far enough. What cannot be looked at is a row
 * as well. A link that hangs a disk into the tree is left out (disk-link.ts). Nothing of what it does can be waited for: it is for threads.
 * What `lstat` does not tell is asked of `node:fs`.
 */
export function walk(order: WalkOrder, lstat = quickLstat, bookOf: typeof listingBook = listingBook): Walked {
  const { work, roots } = order;
  const end = performance.now() + order.milliseconds;
  const root = roots[work.disk]!;
  const others = roots.filter((one) => one !== root);
  // Before each raw path below the root.
  const before = order.standsIn === work.disk ? '' : `${rawName(root)}/`;
  const fullOf = (raw: string) => (raw === '' ? before.slice(0, -1) || '.' : before + raw);
  const lines = entryLines(work.disk);
  const out = bookOf(lines, order.bytes);
  const path = pathBytes();
  const open: string[] = [];
  const suspects: string[] = [];
  const giants: string[] = [];
  const rest: Work[] = [];
  let unseen = 0;

  const addUnseen = (raw: string, error: unknown, directory: boolean) => {
    unseen += 1;
    out.add(rowLine(unseenOf(root, nameFromRaw(raw), error, directory), work.disk));
  };

  const lookPlainly = (raw: string, escaped: string) => {
    const full = fsPathOfRaw(fullOf(raw));
    try {
      // Without an entry once more, for the error that says why.
      const stats = lstatSync(full, statOptions) ?? lstatSync(full, { bigint: true });
      if (stats.size > largest) throw new Error('its size is beyond 2^53 bytes');
      const type = lines.typeOf(stats);
      if (type === 'link') {
        const target = nameFromBytes(readlinkSync(full, 'buffer'));
        if (!hangsInDisk(root, nameFromRaw(raw), target, others))
          out.add(lines.lineOf(escaped, stats, escapeName(target)));
        return;
      }
      out.add(lines.lineOf(escaped, stats, ''));
      if (type === 'directory') (stats.size < suspectBytes ? open : suspects).push(raw);
    } catch (error) {
      addUnseen(raw, error, false);
    }
  };

  /** How many of the names were looked at. */
  const lookAtAll = (directory: string, names: readonly string[]): number => {
    const prefix = directory === '' ? '' : `${directory}/`;
    out.enter(directory);
    path.enter(before + prefix);
    for (let at = 0; at < names.length; at += 1) {
      if (at % entriesBetweenLooks === entriesBetweenLooks - 1 && mustEnd(out, end)) return at;
      const name = names[at]!;
      const isPlain = path.put(name);
      const bytes = path.path();
      const fields = lstat(bytes);
      const format = fields === undefined ? S_IFLNK : fields[statField.mode]! & S_IFMT;
      if (fields === undefined || format === S_IFLNK) {
        lookPlainly(prefix + name, escapeRaw(prefix + name));
        continue;
      }
      out.put(name, isPlain, bytes, before.length, path.nameAt(), fields);
      if (format === S_IFDIR) (fields[statField.bytes]! < suspectBytes ? open : suspects).push(prefix + name);
    }
    return names.length;
  };

  const readDirectory = (directory: string, suspect: boolean) => {
    let names: readonly string[] | undefined;
    try {
      const folder = fsPathOfRaw(fullOf(directory));
      names = suspect ? namesUnlessGiant(folder) : readdirSync(folder, 'latin1');
    } catch (error) {
      addUnseen(directory, error, true);
      return;
    }
    if (names === undefined) {
      giants.push(directory);
      return;
    }
    const before = out.rows();
    const done = lookAtAll(directory, names);
    if (done < names.length) rest.push(...inPieces(work.disk, directory, names.slice(done)));
    else if (out.rows() === before && directory !== '') out.add(`${escapeRaw(directory)},${work.disk},e,,,,,,,,\n`);
  };

  const ordered = namesOf(work);
  if (work.kind === 'names') {
    const done = lookAtAll(work.directory, ordered);
    if (done < ordered.length) rest.push(workOf('names', work.disk, work.directory, ordered.slice(done)));
  } else {
    (work.kind === 'suspects' ? suspects : open).push(...ordered);
  }
  while (open.length + suspects.length > 0 && !mustEnd(out, end)) {
    const directory = open.pop();
    if (directory === undefined) readDirectory(suspects.pop()!, true);
    else readDirectory(directory, false);
  }
  if (suspects.length > 0) rest.push(workOf('suspects', work.disk, '', suspects));
  if (open.length > 0) rest.push(workOf('directories', work.disk, '', open));
  return { lines: out.take(), rows: out.rows(), counts: lines.counts(), unseen, rest, giants };
}

/** What there is to say of a place that could not be looked at. */
export function unseenOf(disk: string, path: string, error: unknown, directory: boolean): Unseen {
  const kind = systemCode(error) === 'ENOENT' ? 'vanished' : 'unreadable';
  return { path, disk, kind, directory, reason: plainReason(error) };
}

/** Something is always done, however short the time. */
function mustEnd(out: WalkBook, end: number): boolean {
  return out.rows() > 0 && (out.isFull() || performance.now() >= end);
}

/** Undefined if there are too many to be had at once. */
function namesUnlessGiant(path: string | Buffer): readonly string[] | undefined {
  const folder = opendirSync(path as string, { encoding: 'latin1', bufferSize: 4096 });
  try {
    const names: string[] = [];
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      names.push(entry.name);
      if (names.length > manyNames) return undefined;
    }
    return names;
  } finally {
    folder.closeSync();
  }
}

/** A directory's names as work for several threads. */
export function inPieces(disk: number, directory: string, names: readonly string[]): readonly Work[] {
  const pieces: Work[] = [];
  for (let at = 0; at < names.length; at += manyNames) {
    pieces.push(workOf('names', disk, directory, names.slice(at, at + manyNames)));
  }
  return pieces;
}
