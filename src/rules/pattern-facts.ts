import { childrenOf, type PatternNode } from './pattern-tree.ts';

/** True if the node can match the empty text. */
export function canBeEmpty(node: PatternNode): boolean {
  switch (node.kind) {
    case 'literal':
    case 'any':
    case 'class':
      return false;
    case 'place':
    case 'look':
    case 'reference':
      return true;
    case 'conditional':
      return canBeEmpty(node.yes) || canBeEmpty(node.no);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
    case 'choice':
      return node.branches.some(canBeEmpty);
    default:
      return childrenOf(node).every(canBeEmpty);
  }
}

/** True if a capturing group is in the node. */
export function holdsCapture(node: PatternNode): boolean {
  return (node.kind === 'group' && node.index !== undefined) || childrenOf(node).some(holdsCapture);
}

/** True if every match of the node ends at a `$` or `\Z`. */
export function endsAtEnd(node: PatternNode): boolean {
  switch (node.kind) {
    case 'place':
      return node.place === 'end' || node.place === 'textEnd';
    case 'choice':
      return node.branches.every(endsAtEnd);
    case 'conditional':
      return endsAtEnd(node.yes) && endsAtEnd(node.no);
    case 'sequence': {
      const last = node.items.findLast((item) => item.kind !== 'look');
      return last !== undefined && endsAtEnd(last);
    }
    case 'group':
    case 'atomic':
      return endsAtEnd(node.body);
    case 'repeat':
      return node.min > 0 && endsAtEnd(node.body);
    default:
      return false;
  }
}

/** True if a `^` or `\\A` stands behind what takes at least one character, so that nothing at all can match. False says nothing. */
export function beginsTooLate(node: PatternNode): boolean {
  switch (node.kind) {
    case 'sequence': {
      const begin = node.items.findIndex((item) => item.kind === 'place' && item.place === 'start');
      return (begin > 0 && !node.items.slice(0, begin).every(canBeEmpty)) || node.items.some(beginsTooLate);
    }
    case 'choice':
      return node.branches.every(beginsTooLate);
    case 'group':
    case 'atomic':
      return beginsTooLate(node.body);
    case 'repeat':
      return node.min > 0 && beginsTooLate(node.body);
    default:
      return false;
  }
}

/** The longest text that is known to begin every match of the node. */
export function literalPrefix(node: PatternNode): string {
  return prefixOf(node).text;
}

/** `whole` if the node matches this text and nothing else. */
interface Prefix {
  readonly text: string;
  readonly whole: boolean;
}

const nothingKnown: Prefix = { text: '', whole: false };

function prefixOf(node: PatternNode): Prefix {
  switch (node.kind) {
    case 'literal':
      return { text: String.fromCodePoint(node.codePoint), whole: true };
    case 'class': {
      const only = node.items.length === 1 && !node.negated ? node.items[0] : undefined;
      return only?.kind === 'range' && only.from === only.to
        ? { text: String.fromCodePoint(only.from), whole: true }
        : nothingKnown;
    }
    case 'place':
    case 'look':
      return { text: '', whole: true };
    case 'group':
    case 'atomic':
      return prefixOf(node.body);
    case 'sequence': {
      let text = '';
      for (const item of node.items) {
        const next = prefixOf(item);
        text += next.text;
        if (!next.whole) return { text, whole: false };
      }
      return { text, whole: true };
    }
    case 'choice':
      return { text: node.branches.map((branch) => prefixOf(branch).text).reduce(commonPrefix), whole: false };
    case 'repeat':
      return node.min === 0 ? nothingKnown : { text: prefixOf(node.body).text, whole: false };
    default:
      return nothingKnown;
  }
}

function commonPrefix(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}
