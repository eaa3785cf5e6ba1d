import { parsePattern } from './pattern-parser.ts';
import { type AutomatonStep, addStep, patternSteps } from './pattern-steps.ts';
import type { Rule } from './section.ts';

/**
 * Which of some rules match a path, found out byte by byte for all of them at once, in a time that no pattern can lengthen. For paths of printable
 * ASCII that are not empty; it may answer that the rules themselves must be asked.
 */
export interface PathAutomaton {
  /** Where every path begins. */
  readonly start: number;
  /** The state after a byte stands at `state << 8 | byte`; negative if it is not known yet, and always for a byte that is no printable ASCII, a quote or a backslash. Another table after each `step`. */
  readonly table: () => Int16Array;
  /** The state after a byte of printable ASCII other than these two, which is known from then on; and so are those after other letters, digits and the like that lead to the same. */
  step(state: number, byte: number): number;
  /** What is said of a path that ends in this state: the place of the one rule that matches it, or one of `verdicts`. */
  verdict(state: number): number;
  /** The same by state, where it was asked before; else none of these. Another table after each `step`. */
  readonly said: () => Int32Array;
}

/** What is said of a path besides the one rule that matches it. */
export const verdicts = {
  none: -1,
  /** Ask the rules: several match it, or one that is beyond an automaton could. */
  ask: -2,
} as const;

const mostSteps = 20_000;
const mostStates = 4096;
/** So many looks at single steps may be spent on finding states: a part of a second. */
const mostLooks = 5_000_000;
/** The state in which nothing is known, nor after it. */
export const lost = 0;
const unknown = -1;
/** What most names are made of. */
const plainBytes = Buffer.from('-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz');
const notAsked = -3;

/** An automaton for rules of one directory. */
export function pathAutomaton(rules: readonly Rule[]): PathAutomaton {
  const { steps, firsts, asks } = stepsOf(rules);
  const states: (readonly number[])[] = [[]];
  const numbers = new Map<string, number>();
  let table = new Int16Array(16 << 8).fill(unknown).fill(lost, 0x20, 0x7f);
  // What a name may have to be written otherwise for is never known, wherever it stands: whoever reads must see it.
  for (const byte of Buffer.from('"\\')) table[byte] = unknown;
  let said = new Int32Array(16).fill(notAsked);
  said[lost] = verdicts.ask;

  let looks = 0;

  /** The number of the state in which these steps are next; what accepted stays. */
  const stateOf = (next: readonly number[]): number => {
    const sorted = [...next].sort((one, other) => one - other);
    const key = sorted.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (states.length >= mostStates) return lost;
    const state = states.push(sorted) - 1;
    numbers.set(key, state);
    if (state >= said.length) {
      table = enlarged(table, unknown);
      said = enlarged(said, notAsked);
    }
    return state;
  };
  const isTakenAlike = (state: readonly number[], one: number, other: number): boolean => {
    for (const at of state) {
      const step = steps[at]!;
      if (step.kind === 'take' && step.takes[one] !== step.takes[other]) return false;
    }
    return true;
  };
  const start = stateOf(reached(steps, firsts, 'start'));
  return {
    start,
    table: () => table,
    step(state, byte) {
      const next: number[] = [];
      if (looks > mostLooks) return lost;
      looks += states[state]!.length;
      for (const at of states[state]!) {
        const step = steps[at]!;
        if (step.kind === 'accept') next.push(at);
        else if (step.kind === 'take' && step.takes[byte] === 1) next.push(step.next);
      }
      const all = reached(steps, next);
      looks += all.length;
      const after = stateOf(all);
      table[(state << 8) | byte] = after;
      for (const other of plainBytes) {
        if (isTakenAlike(states[state]!, byte, other)) table[(state << 8) | other] = after;
      }
      return after;
    },
    verdict(state) {
      if (said[state] === notAsked) said[state] = verdictOf(steps, states[state]!, asks);
      return said[state]!;
    },
    said: () => said,
  };
}

function stepsOf(rules: readonly Rule[]) {
  const steps: AutomatonStep[] = [];
  const asks = new Set<number>();
  const firsts = rules.map((rule, pattern) => {
    const accept = addStep(steps, { kind: 'accept', pattern });
    // One that can need too long keeps its time limit: what is said of a path is then the same wherever it is asked.
    const isDangerous = rule.compiled.danger() !== undefined;
    const { tree } = parsePattern(rule.compiled.source);
    const first = isDangerous ? undefined : patternSteps(steps, tree, accept, mostSteps);
    if (first !== undefined) return first;
    // Whatever begins as it must, it could match.
    asks.add(pattern);
    let before = accept;
    for (const character of [...rule.compiled.literalPrefix].reverse()) {
      const takes = new Uint8Array(128);
      if (character.charCodeAt(0) < 128) takes[character.charCodeAt(0)] = 1;
      before = addStep(steps, { kind: 'take', takes, next: before });
    }
    return before;
  });
  return { steps, firsts, asks };
}

/** The steps that take something, accept, or wait for the end, which these lead to without taking anything. */
function reached(
  steps: readonly AutomatonStep[],
  from: readonly number[],
  passing?: 'start' | 'end',
): readonly number[] {
  const seen = new Set(from);
  const found: number[] = [];
  // Grows while it is gone through.
  for (const at of seen) {
    const step = steps[at]!;
    if (step.kind === 'split') for (const next of step.next) seen.add(next);
    else if (step.kind === passing) seen.add(step.next);
    else if (step.kind !== 'start') found.push(at);
  }
  return found;
}

function verdictOf(steps: readonly AutomatonStep[], state: readonly number[], asks: ReadonlySet<number>): number {
  const matching = new Set<number>();
  for (const at of reached(steps, state, 'end')) {
    const step = steps[at]!;
    if (step.kind === 'accept') matching.add(step.pattern);
  }
  const [first] = matching;
  if (first === undefined) return verdicts.none;
  return matching.size > 1 || asks.has(first) ? verdicts.ask : first;
}

function enlarged<Numbers extends Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  old: Numbers,
  filler: number,
): Numbers {
  const larger = new (old.constructor as new (length: number) => Numbers)(old.length * 2);
  larger.fill(filler, old.length);
  larger.set(old);
  return larger;
}
