import { refused } from './pattern-error.ts';
import { canBeEmpty, holdsCapture } from './pattern-facts.ts';
import { childrenOf, type PatternNode, type RepeatNode } from './pattern-tree.ts';

/**
 * Refuses the repeats for which JavaScript's engine could give another answer than Python's:
 * it forgets what a group held when an iteration begins, where Python keeps the last; and it rejects an optional
 * iteration that is empty, where Python accepts one and goes on.
 */
export function refuseDifferences(pattern: string, node: PatternNode): void {
  if (node.kind === 'repeat') {
    const reason = difference(node);
    if (reason !== undefined) throw refused(pattern, reason, node.position);
  }
  for (const child of childrenOf(node)) refuseDifferences(pattern, child);
}

function difference({ body, min, max }: RepeatNode): string | undefined {
  if (max > 1 && holdsSkippableCapture(body)) return 'repeating a group inside which another is optional';
  // Iterations up to the minimum may be empty in both.
  if (min === max || !canBeEmpty(body)) return undefined;
  if (holdsCapture(body)) return 'repeating a group that can match nothing';
  return emptyComesLast(body) ? undefined : 'repeating something that prefers to match nothing';
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
      return !node.lazy && emptyComesLast(node.body);
    default:
      return childrenOf(node).every(emptyComesLast);
  }
}
