import { type ArchiveFinder, archiveFinder } from '../../rules/archive-finder.ts';
import type { Fate } from '../../rules/fate.ts';
import { type PathAutomaton, pathAutomaton, verdicts } from '../../rules/path-automaton.ts';
import { fateBy } from '../../rules/rule-set.ts';
import type { Rule, Section } from '../../rules/section.ts';

/** The rules of one directory, and what they found in the block that is read. */
export interface Ruled {
  readonly rules: readonly Rule[];
  readonly automaton: PathAutomaton;
  /** By rule; undefined where it must be asked for each path. */
  readonly finders: readonly (ArchiveFinder | undefined)[];
  /** What becomes of what no rule matches. */
  readonly none: Fate;
  /** In which block the following were found. */
  block: number;
  noneSlot: number;
  /** For each rule the last fate that was found by it, and the beginning of the paths that it holds for. */
  readonly slots: Int32Array;
  readonly begins: Int32Array;
  readonly lengths: Int32Array;
}

/** The fates of a block, as far as they are found. */
export interface BlockFates {
  readonly memory: Buffer;
  readonly fates: (Fate | undefined)[];
  /** Paths of which the rules must be asked, and the places of their fates. */
  readonly asked: string[];
  readonly askedFor: number[];
}

const noRules = pathAutomaton([]);

/** The rules of a section for one directory. */
export function ruledIn(section: Section, directory: string): Ruled {
  const rules = section.directories.get(directory) ?? [];
  return {
    rules,
    automaton: rules.length === 0 ? noRules : pathAutomaton(rules),
    finders: rules.map((rule) => (rule.kind === 'archive' ? archiveFinder(rule) : undefined)),
    none: { kind: 'unmapped', directory, described: rules.length > 0 },
    block: 0,
    noneSlot: -1,
    slots: new Int32Array(rules.length),
    begins: new Int32Array(rules.length),
    lengths: new Int32Array(rules.length),
  };
}

/** Where the fate of a path stands, or will. */
export function slotFor(
  ruled: Ruled,
  verdict: number,
  memory: Buffer,
  at: number,
  end: number,
  book: BlockFates,
): number {
  if (verdict === verdicts.none) {
    if (ruled.noneSlot < 0) ruled.noneSlot = book.fates.push(ruled.none) - 1;
    return ruled.noneSlot;
  }
  if (verdict >= 0) {
    const slot = ruled.slots[verdict]!;
    const length = ruled.lengths[verdict]!;
    if (slot >= 0 && length <= end - at && isSame(memory, ruled.begins[verdict]!, at, length)) return slot;
    const fate = foundFate(ruled, verdict, memory, at, end);
    if (fate !== undefined) {
      ruled.slots[verdict] = book.fates.push(fate) - 1;
      return ruled.slots[verdict]!;
    }
  }
  book.asked.push(memory.toString('utf8', at, end));
  book.askedFor.push(book.fates.length);
  return book.fates.push(undefined) - 1;
}

/** True if what stands in this slot, of which the automaton said this, holds for all paths that begin with as many of the same bytes and of which it says the same. */
export function holdsFor(ruled: Ruled, verdict: number, slot: number, bytes: number): boolean {
  if (verdict === verdicts.none) return true;
  return verdict >= 0 && ruled.slots[verdict] === slot && ruled.lengths[verdict]! <= bytes;
}

/** The fate by a rule, and the beginning of the paths that it holds for; undefined if the rule must be asked. */
function foundFate(ruled: Ruled, place: number, memory: Buffer, at: number, end: number): Fate | undefined {
  const rule = ruled.rules[place]!;
  ruled.begins[place] = at;
  ruled.lengths[place] = 0;
  if (rule.kind !== 'archive') return fateBy(rule, undefined);
  const finder = ruled.finders[place];
  if (finder === undefined) return undefined;
  ruled.lengths[place] = finder.extent(memory, at, end);
  return fateBy(rule, finder.archive(memory));
}

/** True if these bytes are the same at both places. */
export function isSame(memory: Buffer, one: number, other: number, length: number): boolean {
  for (let at = 0; at < length; at += 1) if (memory[one + at] !== memory[other + at]) return false;
  return true;
}
