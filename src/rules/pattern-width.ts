import { tooMany } from './pattern-repeat.ts';
import { childrenOf, type PatternNode } from './pattern-tree.ts';

/** The fewest and the most code points that something matches. */
export interface Width {
  readonly least: number;
  readonly most: number;
}

/** The width of a node, counted as Python counts it, with its bounds. `groupWidth` knows that of a closed group. */
export function widthOf(node: PatternNode, groupWidth: (group: number) => Width): Width {
  const width = unbounded(node, (child) => widthOf(child, groupWidth), groupWidth);
  return { least: Math.min(width.least, tooMany - 1), most: Math.min(width.most, tooMany) };
}

const none: Width = { least: 0, most: 0 };

function unbounded(
  node: PatternNode,
  inner: (node: PatternNode) => Width,
  groupWidth: (group: number) => Width,
): Width {
  switch (node.kind) {
    case 'literal':
    case 'any':
    case 'class':
      return { least: 1, most: 1 };
    case 'place':
    case 'look':
      return none;
    case 'reference':
      return groupWidth(node.group);
    case 'choice':
    case 'conditional':
      return childrenOf(node).map(inner).reduce(either);
    case 'repeat': {
      const { least, most } = inner(node.body);
      return { least: least * node.min, most: most === 0 ? 0 : most * node.max };
    }
    default:
      return childrenOf(node).map(inner).reduce(both, none);
  }
}

function either(one: Width, other: Width): Width {
  return { least: Math.min(one.least, other.least), most: Math.max(one.most, other.most) };
}

function both(one: Width, other: Width): Width {
  return { least: one.least + other.least, most: one.most + other.most };
}
