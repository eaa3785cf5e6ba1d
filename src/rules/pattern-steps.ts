import { classTest } from './matcher-program.ts';
import { canBeEmpty } from './pattern-facts.ts';
import type { PatternNode } from './pattern-tree.ts';

/** One step of an automaton that follows all ways through a pattern at once, over printable ASCII. */
export type AutomatonStep =
  /** Takes a character for which `takes` has a 1. */
  | { readonly kind: 'take'; readonly takes: Uint8Array; readonly next: number }
  | { readonly kind: 'split'; readonly next: readonly number[] }
  /** Goes on at the begin of the text, or at its end, alone. */
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'accept'; readonly pattern: number };

/** Adds the steps for a pattern in front of `next` and gives the first of them; undefined if they would be more than `most`, or cannot say all that it says. */
export function patternSteps(
  steps: AutomatonStep[],
  tree: PatternNode,
  next: number,
  most: number,
): number | undefined {
  const length = steps.length;
  const first = added(steps, tree, next, most);
  if (first === undefined) steps.length = length;
  return first;
}

/** Adds a step. */
export function addStep(steps: AutomatonStep[], step: AutomatonStep): number {
  return steps.push(step) - 1;
}

function added(steps: AutomatonStep[], node: PatternNode, next: number, most: number): number | undefined {
  if (steps.length >= most) return undefined;
  switch (node.kind) {
    case 'literal':
      return addStep(steps, { kind: 'take', takes: taken((one) => one === node.codePoint), next });
    case 'any':
      return addStep(steps, { kind: 'take', takes: taken(() => true), next });
    case 'class':
      return addStep(steps, { kind: 'take', takes: taken(classTest(node.items, node.negated)), next });
    case 'place':
      // Without newlines in the text a line is all of it.
      if (node.place === 'start' || node.place === 'lineStart') return addStep(steps, { kind: 'start', next });
      if (node.place === 'end' || node.place === 'textEnd' || node.place === 'lineEnd')
        return addStep(steps, { kind: 'end', next });
      return undefined;
    case 'group':
      return added(steps, node.body, next, most);
    case 'sequence': {
      let first: number | undefined = next;
      for (const item of node.items.toReversed())
        first = first === undefined ? undefined : added(steps, item, first, most);
      return first;
    }
    case 'choice': {
      const branches: number[] = [];
      for (const branch of node.branches) {
        const first = added(steps, branch, next, most);
        if (first === undefined) return undefined;
        branches.push(first);
      }
      return addStep(steps, { kind: 'split', next: branches });
    }
    case 'repeat':
      return repeated(steps, node, next, most);
    default:
      return undefined;
  }
}

function repeated(
  steps: AutomatonStep[],
  { body, min, max, mode }: PatternNode & { readonly kind: 'repeat' },
  next: number,
  most: number,
): number | undefined {
  // A possessive one gives nothing back, and engines disagree about empty iterations.
  if (mode === 'possessive' || canBeEmpty(body)) return undefined;
  let first: number | undefined = next;
  if (max === Number.POSITIVE_INFINITY) {
    const ways = [next];
    first = addStep(steps, { kind: 'split', next: ways });
    const again = added(steps, body, first, most);
    if (again === undefined) return undefined;
    ways.push(again);
  } else {
    for (let optional = min; optional < max; optional += 1) {
      const once = added(steps, body, first, most);
      if (once === undefined) return undefined;
      first = addStep(steps, { kind: 'split', next: [once, next] });
    }
  }
  for (let count = 0; count < min; count += 1) {
    first = added(steps, body, first, most);
    if (first === undefined) return undefined;
  }
  return first;
}

function taken(takes: (codePoint: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, one) => (takes(one) ? 1 : 0));
}
