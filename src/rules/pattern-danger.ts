import { canBeEmpty } from './pattern-facts.ts';
import { childrenOf, type PatternNode, type RepeatNode } from './pattern-tree.ts';

/**
 * True if a repeat stands inside a repeat with nothing that must match between them, as in `(a+)+` or `(\w*\d?)*`: on an unlucky name
 * an engine then tries twice as many ways for each further character. Not every dangerous pattern is found, but whatever is found is one.
 */
export function triesEndlessly(node: PatternNode): boolean {
  if (node.kind === 'repeat' && isUnbounded(node) && isAllRepeat(node.body)) return true;
  return childrenOf(node).some(triesEndlessly);
}

function isUnbounded({ max, mode }: RepeatNode): boolean {
  return max === Number.POSITIVE_INFINITY && mode !== 'possessive';
}

/** True if the node can be one unbounded repeat and nothing else. */
function isAllRepeat(node: PatternNode): boolean {
  switch (node.kind) {
    case 'repeat':
      return isUnbounded(node) || (node.mode !== 'possessive' && isAllRepeat(node.body));
    case 'group':
      return isAllRepeat(node.body);
    case 'choice':
      return node.branches.some(isAllRepeat);
    case 'sequence':
      return node.items.some(
        (item, index) => isAllRepeat(item) && node.items.every((other, at) => at === index || canBeEmpty(other)),
      );
    default:
      return false;
  }
}
