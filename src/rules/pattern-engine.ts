import { canBeEmpty, holdsCapture } from './pattern-facts.ts';
import { childrenOf, type PatternNode, type RepeatNode, referencesIn } from './pattern-tree.ts';

/**
 * True if JavaScript's engine cannot do what the tree says, or could give another answer than Python's:
 *
 * - it forgets what a group held when an iteration begins, where Python keeps the last;
 * - it rejects an optional iteration that is empty, where Python accepts one and goes on;
 * - it takes a reference to a group that holds nothing as the empty text, where Python fails, and knows no conditionals;
 * - it reads a look-behind from right to left;
 * - it folds other cases.
 */
export function needsMatcher(tree: PatternNode): boolean {
  return heldAfter(tree, new Set(), new Set(referencesIn(tree))) === undefined;
}

type Groups = ReadonlySet<number>;

/**
 * The groups, of those that are `referenced`, that hold something after the node on every way through it, if those before do;
 * undefined for what is different.
 */
function heldAfter(node: PatternNode, before: Groups, referenced: Groups): Groups | undefined {
  switch (node.kind) {
    case 'conditional':
      return undefined;
    case 'reference':
      return node.folding === undefined && before.has(node.group) ? before : undefined;
    case 'group': {
      const after = heldAfter(node.body, before, referenced);
      if (after === undefined || node.index === undefined || !referenced.has(node.index)) return after;
      return new Set([...after, node.index]);
    }
    case 'look': {
      if (node.behind !== undefined && readsForwards(node.body)) return undefined;
      const after = heldAfter(node.body, before, referenced);
      return node.negated && after !== undefined ? before : after;
    }
    case 'choice': {
      const ways = node.branches.map((branch) => heldAfter(branch, before, referenced));
      if (ways.includes(undefined)) return undefined;
      return new Set([...ways[0]!].filter((group) => ways.every((way) => way!.has(group))));
    }
    case 'repeat': {
      const after = repeatsDifferently(node) ? undefined : heldAfter(node.body, before, referenced);
      return after !== undefined && node.min === 0 ? before : after;
    }
    case 'atomic':
      return heldAfter(node.body, before, referenced);
    case 'sequence': {
      let held: Groups | undefined = before;
      for (const item of node.items) held = held === undefined ? undefined : heldAfter(item, held, referenced);
      return held;
    }
    default:
      return before;
  }
}

/** True if it matters to the node in which direction it is read. */
function readsForwards(node: PatternNode): boolean {
  if (node.kind === 'atomic' || node.kind === 'reference' || (node.kind === 'group' && node.index !== undefined)) {
    return true;
  }
  return (node.kind === 'repeat' && node.mode === 'possessive') || childrenOf(node).some(readsForwards);
}

function repeatsDifferently({ body, min, max }: RepeatNode): boolean {
  if (max > 1 && holdsSkippableCapture(body)) return true;
  // Iterations up to the minimum may be empty in both.
  if (min === max || !canBeEmpty(body)) return false;
  return holdsCapture(body) || !emptyComesLast(body);
}

/** True if some way through the node passes by a capturing group in it. */
function holdsSkippableCapture(node: PatternNode): boolean {
  if (node.kind === 'choice' || (node.kind === 'repeat' && node.min === 0)) return holdsCapture(node);
  return childrenOf(node).some(holdsSkippableCapture);
}

/** True if the node tries the empty text only after everything else: then an empty iteration adds nothing, accepted or not. */
function emptyComesLast(node: PatternNode): boolean {
  if (!canBeEmpty(node)) return true;
  switch (node.kind) {
    case 'choice':
      return !node.branches.slice(0, -1).some(canBeEmpty) && emptyComesLast(node.branches.at(-1)!);
    case 'repeat':
      return node.mode !== 'lazy' && emptyComesLast(node.body);
    case 'look':
      return true;
    default:
      return childrenOf(node).every(emptyComesLast);
  }
}
