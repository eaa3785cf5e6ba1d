import { parentOf } from '../../model/relative-path.ts';
import type { Section } from '../../rules/section.ts';
import { copyBytes } from '../../scan/digits.ts';
import type { BoundedFates } from '../../verbs/survey/bounded-fates.ts';
import type { CsvBlock } from './csv-blocks.ts';
import { type FatedRows, lineTexts } from './fated-rows.ts';
import { pythonJsonText } from './python-json.ts';
import { type Book, type Columns, columnsFor, type Read, readRows, shortestRow } from './read-rows.ts';
import { type Ruled, ruledIn } from './ruled-directory.ts';

/** Reads blocks from bytes to bytes, several times faster than as texts. Undefined for a block that has other than the plainest rows; the rows are good until the next block. */
export type QuickRows = (block: CsvBlock) => FatedRows | undefined;

const newline = 0x0a;
const first = Buffer.from(lineTexts.first);
const between = Buffer.from(lineTexts.between);

/** A reader for a section: one automaton a directory finds the rule, and the archive is found once for all neighbours that go to it. */
export function quickRows(section: Section, fates: BoundedFates): QuickRows {
  const directories = new Map<string, Ruled>();
  const withExcluded = new Set([...section.excluded].map(parentOf));
  let columns = columnsFor(0);
  let block = 0;
  const ruledBy = (directory: string): Ruled => {
    let ruled = directories.get(directory);
    if (ruled === undefined) {
      ruled = ruledIn(section, directory);
      // There may be millions that the section says nothing about.
      if (ruled.rules.length > 0) directories.set(directory, ruled);
    }
    if (ruled.block !== block) {
      ruled.block = block;
      ruled.noneSlot = -1;
      ruled.slots.fill(-1);
    }
    return ruled;
  };
  return ({ bytes, columns: { name, size, mtime } }) => {
    const { length } = bytes;
    if (name !== 0 || size !== 1 || mtime !== 2 || bytes[length - 1] !== newline) return undefined;
    const memory = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    const most = Math.floor(length / shortestRow) + 1;
    if (columns.begins.length < most) columns = columnsFor(most);
    block += 1;
    const book: Book = { memory, ruledBy, withExcluded, fates: [], parents: [], asked: [], askedFor: [] };
    const read = readRows(memory, columns, book);
    if (read === undefined) return undefined;
    const answers = book.asked.length === 0 ? [] : fates.fatesOf(book.asked);
    for (const [index, slot] of book.askedFor.entries()) book.fates[slot] = answers[index]!;
    return rowsOf(read, columns, book);
  };
}

function rowsOf({ rows, runs }: Read, columns: Columns, { memory, fates, parents }: Book): FatedRows {
  const { begins, ends, mtimes, odd, firsts, slots, sizes } = columns;
  const name = (row: number) => memory.toString('utf8', begins[row]!, ends[row]!);
  return {
    ...{ rows, runs, name },
    first: (run) => firsts[run]!,
    fate: (run) => fates[slots[run]!]!,
    parent: (run) => parents[columns.parents[run]!]!,
    size: (run) => sizes[run]!,
    mtime: (row) => mtimes[row]!,
    room(from, to) {
      // The numbers of a row and its line end take more than the space between two names, but for some bytes.
      let bytes = ends[to - 1]! - begins[from]! + (to - from) * (between.length - shortestRow + 1) + between.length;
      for (let row = from; row < to; row += 1) if (odd[row] === 1) bytes += 5 * (ends[row]! - begins[row]!);
      return bytes;
    },
    putLines(from, to, text, at, isFirst) {
      let place = isFirst ? copyBytes(text, at, first) : copyBytes(text, at, between);
      for (let row = from; row < to; row += 1) {
        if (row > from) place = copyBytes(text, place, between);
        place =
          odd[row] === 1
            ? place + text.write(pythonJsonText(name(row)), place, 'latin1')
            : copyBytes(text, place, memory, begins[row]!, ends[row]!);
      }
      return place;
    },
  };
}
