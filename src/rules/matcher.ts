import { isInsideCharacter } from './engine.ts';
import type { Instruction, Program } from './matcher-program.ts';
import { lowerCase } from './pattern-case.ts';
import type { Folding, Place } from './pattern-tree.ts';

/** How many steps may still be made; counted down by `runMatcher`. */
export interface StepBudget {
  left: number;
}

/** Nothing held yet: no position. */
const unset = -1;

/**
 * Where a match of the program that begins at `start` ends, and what the registers hold then; undefined if there is none.
 * Follows Python's order of trial exactly, and needs no stack of calls. Stops with `exhausted` when the budget is used up.
 */
export function runMatcher(
  { instructions, registers }: Program,
  input: string,
  start: number,
  notEmpty: boolean,
  budget: StepBudget,
): { readonly end: number; readonly registers: Int32Array } | 'exhausted' | undefined {
  const held = new Int32Array(registers).fill(unset);
  /** Three numbers for each way not yet tried: the instruction, the position, the length of the trail. */
  const ways: number[] = [];
  /** What registers held before: register and value, to be put back. */
  const trail: number[] = [];
  let at = 0;
  let position = start;

  function set(register: number, value: number): void {
    trail.push(register, held[register]!);
    held[register] = value;
  }
  function backtrack(): boolean {
    if (ways.length === 0) return false;
    const length = ways.pop()!;
    position = ways.pop()!;
    at = ways.pop()!;
    while (trail.length > length) {
      const value = trail.pop()!;
      held[trail.pop()!] = value;
    }
    return true;
  }
  /** Makes one step; false if it leads nowhere. */
  function step(instruction: Instruction): boolean {
    at += 1;
    switch (instruction.op) {
      case 'test': {
        const codePoint = input.codePointAt(position);
        if (codePoint === undefined || !instruction.holds(codePoint)) return false;
        position += codePoint > 0xffff ? 2 : 1;
        return true;
      }
      case 'place':
        return isAt(instruction.place, input, position, instruction.isWord);
      case 'mark':
        set(instruction.register, position);
        return true;
      case 'fork':
        ways.push(instruction.other, position, trail.length);
        return true;
      case 'jump':
        at = instruction.to;
        return true;
      case 'begin':
        set(instruction.register, 0);
        set(instruction.register + 1, unset);
        return true;
      case 'loop': {
        const { register, min, max, lazy, exit } = instruction;
        const count = held[register]!;
        if (count < min) {
          // Only optional iterations are watched for making no way.
          set(register, count + 1);
          at += 1;
        } else if (count >= max || held[register + 1] === position) at = exit;
        else if (lazy) {
          ways.push(at, position, trail.length);
          at = exit;
        } else ways.push(exit, position, trail.length);
        return true;
      }
      case 'iterate':
        set(instruction.register, held[instruction.register]! + 1);
        set(instruction.register + 1, position);
        return true;
      case 'reference': {
        const length = sameAgain(input, held, instruction.group, position, instruction.folding);
        if (length === undefined) return false;
        position += length;
        return true;
      }
      case 'conditional':
        if (!holdsSomething(held, instruction.group)) at = instruction.otherwise;
        return true;
      case 'open': {
        const { register, look, end } = instruction;
        if (look?.negated) ways.push(end, position, trail.length);
        // The way past a negated look lies below: `close` drops it with all that came after it.
        set(register, look?.negated ? ways.length - 3 : ways.length);
        set(register + 1, position);
        const from = look?.behind === undefined ? position : back(input, position, look.behind);
        if (from === undefined) return false;
        position = from;
        return true;
      }
      case 'close':
        ways.length = held[instruction.register]!;
        if (instruction.kind === 'look') position = held[instruction.register + 1]!;
        return instruction.kind !== 'not';
      case 'found':
        return !(notEmpty && position === start);
    }
  }

  for (;;) {
    if (budget.left <= 0) return 'exhausted';
    budget.left -= 1;
    const instruction = instructions[at]!;
    if (!step(instruction)) {
      if (!backtrack()) return undefined;
    } else if (instruction.op === 'found') return { end: position, registers: held };
  }
}

function holdsSomething(held: Int32Array, group: number): boolean {
  const begin = held[group * 2 - 2]!;
  return begin !== unset && held[group * 2 - 1]! >= begin;
}

/** How long the text is here that the group holds; undefined if it is not here, or the group holds nothing. */
function sameAgain(
  input: string,
  held: Int32Array,
  group: number,
  position: number,
  folding: Folding | undefined,
): number | undefined {
  if (!holdsSomething(held, group)) return undefined;
  const text = input.slice(held[group * 2 - 2], held[group * 2 - 1]);
  if (folding === undefined) {
    // A character beyond U+FFFF is one: its halves are no match.
    const here = input.slice(position, position + text.length);
    return here === text && !isInsideCharacter(input, position + text.length) ? text.length : undefined;
  }
  let end = position;
  for (const character of text) {
    const codePoint = input.codePointAt(end);
    if (codePoint === undefined) return undefined;
    if (lowerCase(codePoint, folding) !== lowerCase(character.codePointAt(0)!, folding)) return undefined;
    end += codePoint > 0xffff ? 2 : 1;
  }
  return end - position;
}

/** The position so many characters back; undefined if there are not so many. */
function back(input: string, position: number, characters: number): number | undefined {
  let at = position;
  for (let left = characters; left > 0; left -= 1) {
    if (at === 0) return undefined;
    at -= 1;
    if (isInsideCharacter(input, at)) at -= 1;
  }
  return at;
}

function isAt(place: Place, input: string, position: number, isWord: (codePoint: number) => boolean): boolean {
  const { length } = input;
  switch (place) {
    case 'start':
      return position === 0;
    case 'textEnd':
      return position === length;
    case 'end':
      return position === length || (position === length - 1 && input[position] === '\n');
    case 'lineStart':
      return position === 0 || input[position - 1] === '\n';
    case 'lineEnd':
      return position === length || input[position] === '\n';
    default: {
      // In Python 3.11 the empty text has neither.
      if (length === 0) return false;
      const before = back(input, position, 1);
      const isBefore = before !== undefined && isWord(input.codePointAt(before)!);
      const isAfter = position < length && isWord(input.codePointAt(position)!);
      return (isBefore !== isAfter) === (place === 'boundary');
    }
  }
}
