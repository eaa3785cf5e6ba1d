import { lost, verdicts } from '../../rules/path-automaton.ts';
import { topKey } from '../../rules/section.ts';
import { manyDigits, type Reached, type RowColumns, readOn } from './read-on.ts';
import { type BlockFates, holdsFor, isSame, type Ruled, slotFor } from './ruled-directory.ts';

/** No row is shorter than so many bytes. */
export const shortestRow = 5;
const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;
const slash = 0x2f;
const zero = 0x30;
const backslash = 0x5c;

/** What is known of a block besides its columns. */
export interface Book extends BlockFates {
  /** The rules for a directory, with nothing found yet in this block. */
  readonly ruledBy: (directory: string) => Ruled;
  /** Directories of paths that the section excludes by name. */
  readonly withExcluded: ReadonlySet<string>;
  readonly parents: string[];
}

/** For each row, and for each run, of a block. */
export interface Columns extends RowColumns {
  readonly firsts: Int32Array;
  readonly slots: Int32Array;
  readonly parents: Int32Array;
  readonly sizes: Float64Array;
}

/** Columns for so many rows. */
export function columnsFor(rows: number): Columns {
  return {
    begins: new Int32Array(rows),
    ends: new Int32Array(rows),
    mtimes: new Float64Array(rows),
    odd: new Uint8Array(rows),
    firsts: new Int32Array(rows + 1),
    slots: new Int32Array(rows),
    parents: new Int32Array(rows),
    sizes: new Float64Array(rows),
  };
}

/** How many rows were read, in how many runs. */
export interface Read {
  readonly rows: number;
  readonly runs: number;
}

/** Reads all rows of a block into columns. Undefined for a row that only a reader of texts can read. Of neighbours it reads the first, and `readOn` those that are like it. */
export function readRows(memory: Buffer, columns: Columns, book: Book): Read | undefined {
  const { begins, ends, mtimes, odd, firsts, slots, parents, sizes } = columns;
  const { length } = memory;
  let ruled: Ruled | undefined;
  let table: Int16Array = new Int16Array(0);
  // The directory of the row before, with its slash, and what was known behind that.
  let parentAt = 0;
  let parentLength = 0;
  let parentState = lost;
  let parentIsOdd = 0;
  let parent = -1;
  let mustAsk = false;
  // The run that is under way.
  let runs = 0;
  let runSlot = -1;
  let runParent = -1;
  let runSize = 0;
  const reached: Reached = { at: 0, size: 0 };
  let row = 0;
  for (let at = 0; at < length; ) {
    let end = at;
    let state = lost;
    let isOdd = 0;
    let isNew = true;
    if (ruled !== undefined && parentLength > 0 && isSame(memory, parentAt, at, parentLength)) {
      end = at + parentLength;
      state = parentState;
      isOdd = parentIsOdd;
      isNew = false;
    } else {
      ruled = ruledAt(memory, at, book);
      table = ruled.automaton.table();
      state = ruled.automaton.start;
    }
    let lastSlash = -1;
    for (let byte = memory[end]!; byte !== comma; byte = memory[end]!) {
      const next = table[(state << 8) | byte]!;
      if (next >= 0) state = next;
      else if (byte >= 0x20 && byte < 0x7f && byte !== quote && byte !== backslash) {
        state = ruled.automaton.step(state, byte);
        table = ruled.automaton.table();
      } else {
        // Only a text can say what such a row, or name, means.
        if (byte === newline || byte === carriageReturn || byte === quote) return undefined;
        state = lost;
        isOdd = 1;
      }
      end += 1;
      if (byte !== slash) continue;
      lastSlash = end;
      parentState = state;
      parentIsOdd = isOdd;
    }
    if (isNew || lastSlash >= 0) {
      parentAt = at;
      parentLength = lastSlash < 0 ? 0 : lastSlash - at;
      const name = memory.toString('utf8', at, Math.max(at, lastSlash - 1));
      if (parent < 0 || name !== book.parents[parent]) parent = book.parents.push(name) - 1;
      mustAsk = book.withExcluded.has(name);
    }
    let next = end + 1;
    let size = 0;
    for (let digit = memory[next]! - zero; digit >= 0 && digit <= 9; digit = memory[next]! - zero) {
      size = size * 10 + digit;
      next += 1;
    }
    if (memory[next] !== comma || next === end + 1 || next > end + manyDigits) return undefined;
    const timeAt = next + 1;
    let seconds = 0;
    next = timeAt;
    for (let digit = memory[next]! - zero; digit >= 0 && digit <= 9; digit = memory[next]! - zero) {
      seconds = seconds * 10 + digit;
      next += 1;
    }
    if (next === timeAt || next >= timeAt + manyDigits) return undefined;
    if (memory[next] === carriageReturn) next += 1;
    if (memory[next] !== newline) return undefined;
    begins[row] = at;
    ends[row] = end;
    mtimes[row] = seconds;
    odd[row] = isOdd;
    const verdict = mustAsk || isOdd === 1 || end === at ? verdicts.ask : ruled.automaton.verdict(state);
    const slot = slotFor(ruled, verdict, memory, at, end, book);
    if (slot !== runSlot || parent !== runParent) {
      if (runs > 0) sizes[runs - 1] = runSize;
      firsts[runs] = row;
      slots[runs] = slot;
      parents[runs] = parent;
      runs += 1;
      runSlot = slot;
      runParent = parent;
      runSize = 0;
    }
    runSize += size;
    // Beyond that a number is not exact.
    if (runSize > Number.MAX_SAFE_INTEGER) return undefined;
    at = next + 1;
    row += 1;
    if (mustAsk || isOdd === 1 || parentLength === 0 || !holdsFor(ruled, verdict, slot, parentLength)) continue;
    reached.at = at;
    reached.size = runSize;
    const said = ruled.automaton.said();
    const going = { parentAt, parentLength, state: parentState, table, said, verdict };
    row = readOn(memory, columns, row, going, reached);
    ({ at, size: runSize } = reached);
  }
  if (runs > 0) sizes[runs - 1] = runSize;
  firsts[runs] = row;
  return { rows: row, runs };
}

function ruledAt(memory: Buffer, at: number, { ruledBy }: Book): Ruled {
  let end = at;
  while (memory[end] !== comma && memory[end] !== slash && memory[end] !== newline) end += 1;
  return ruledBy(memory[end] === slash ? memory.toString('utf8', at, end) : topKey);
}
