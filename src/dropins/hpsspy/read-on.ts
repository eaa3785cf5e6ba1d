const newline = 0x0a;
const carriageReturn = 0x0d;
const comma = 0x2c;
const slash = 0x2f;
const zero = 0x30;
/** More digits than a number holds exactly. */
export const manyDigits = 16;

/** For each row of a block. */
export interface RowColumns {
  readonly begins: Int32Array;
  readonly ends: Int32Array;
  readonly mtimes: Float64Array;
  /** 1 for a name that the missing file has in another form. */
  readonly odd: Uint8Array;
}

/** What is the same of all rows that are read on. */
export interface Going {
  /** Where the directory of the row before begins, with its slash, and how long it is. */
  readonly parentAt: number;
  readonly parentLength: number;
  /** The state behind it, and the automaton's tables as they are now. */
  readonly state: number;
  readonly table: Int16Array;
  readonly said: Int32Array;
  /** What is said of the row before. */
  readonly verdict: number;
}

/** Where the next row begins, and the sum of the sizes: both change. */
export interface Reached {
  at: number;
  size: number;
}

/**
 * Reads rows as `readRows` does, as long as they are what most are: files in the directory of the row before, of which the automaton says the same by steps that it knows. Gives
 * the number of the row that it does not read. It calls nothing and makes nothing, so that the engine is done with it after a few thousand rows.
 */
export function readOn(
  memory: Buffer,
  { begins, ends, mtimes, odd }: RowColumns,
  first: number,
  { parentAt, parentLength, state: parentState, table, said, verdict }: Going,
  reached: Reached,
): number {
  const last = memory.length - parentLength;
  let row = first;
  let { at, size: sum } = reached;
  while (at < last) {
    let same = 0;
    while (same < parentLength && memory[parentAt + same] === memory[at + same]) same += 1;
    if (same < parentLength) break;
    let end = at + parentLength;
    let state = parentState;
    let byte = memory[end]!;
    // A line end has no step.
    while (byte !== comma && byte !== slash && state >= 0) {
      state = table[(state << 8) | byte]!;
      end += 1;
      byte = memory[end]!;
    }
    if (byte !== comma || state < 0 || said[state] !== verdict) break;
    let next = end + 1;
    let size = 0;
    for (let digit = memory[next]! - zero; digit >= 0 && digit <= 9; digit = memory[next]! - zero) {
      size = size * 10 + digit;
      next += 1;
    }
    if (memory[next] !== comma || next === end + 1 || next > end + manyDigits) break;
    const timeAt = next + 1;
    let seconds = 0;
    next = timeAt;
    for (let digit = memory[next]! - zero; digit >= 0 && digit <= 9; digit = memory[next]! - zero) {
      seconds = seconds * 10 + digit;
      next += 1;
    }
    if (next === timeAt || next >= timeAt + manyDigits) break;
    if (memory[next] === carriageReturn) next += 1;
    if (memory[next] !== newline || sum + size > Number.MAX_SAFE_INTEGER) break;
    begins[row] = at;
    ends[row] = end;
    mtimes[row] = seconds;
    odd[row] = 0;
    sum += size;
    row += 1;
    at = next + 1;
  }
  reached.at = at;
  reached.size = sum;
  return row;
}
