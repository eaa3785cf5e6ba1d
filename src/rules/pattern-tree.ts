/** Which letters are the same when case does not count. */
export type Folding = 'unicode' | 'ascii';

/** A letter that names a set of characters, as in `\d`; a capital is the complement. */
export type Category = 'd' | 'D' | 's' | 'S' | 'w' | 'W';

/** The code points `from` to `to`, inclusive. */
export interface CodePointRange {
  readonly kind: 'range';
  readonly from: number;
  readonly to: number;
}

/** A part of a character class: a range, or a named set, of all of Unicode or of ASCII alone. */
export type ClassItem =
  | CodePointRange
  | { readonly kind: 'category'; readonly category: Category; readonly ascii: boolean };

/** A condition on a place between characters. `end` is also before one final newline, `textEnd` is not. */
export type Place = 'start' | 'end' | 'textEnd' | 'lineStart' | 'lineEnd' | 'boundary' | 'nonBoundary';

/** A pattern as Python's `re` understands it, free of how it was spelt: no flags are left, case is in the classes. */
export type PatternNode =
  | { readonly kind: 'literal'; readonly codePoint: number }
  /** Any character; but for a newline, unless `newline` is true. */
  | { readonly kind: 'any'; readonly newline: boolean }
  | { readonly kind: 'class'; readonly negated: boolean; readonly items: readonly ClassItem[] }
  /** `ascii` says which characters make a word, for boundaries. */
  | { readonly kind: 'place'; readonly place: Place; readonly ascii: boolean }
  /** `index` counts from 1; undefined for a group that captures nothing. */
  | { readonly kind: 'group'; readonly index: number | undefined; readonly body: PatternNode }
  /** The first way through the body is the only one. */
  | { readonly kind: 'atomic'; readonly body: PatternNode }
  | LookNode
  /** What the group holds, once more; fails if it holds nothing. */
  | { readonly kind: 'reference'; readonly group: number; readonly folding: Folding | undefined }
  | { readonly kind: 'conditional'; readonly group: number; readonly yes: PatternNode; readonly no: PatternNode }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly PatternNode[] }
  | RepeatNode;

/** Looks at what is ahead, or at the `behind` characters behind. */
export interface LookNode {
  readonly kind: 'look';
  readonly behind: number | undefined;
  readonly negated: boolean;
  readonly body: PatternNode;
}

/** `min` to `max` (`Infinity` for no bound) times the body. A possessive one gives nothing back, neither do its iterations. */
export interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: PatternNode;
  readonly min: number;
  readonly max: number;
  readonly mode: 'greedy' | 'lazy' | 'possessive';
}

/** The nodes directly below a node. */
export function childrenOf(node: PatternNode): readonly PatternNode[] {
  switch (node.kind) {
    case 'group':
    case 'atomic':
    case 'look':
    case 'repeat':
      return [node.body];
    case 'conditional':
      return [node.yes, node.no];
    case 'sequence':
      return node.items;
    case 'choice':
      return node.branches;
    default:
      return [];
  }
}

/** The groups that references in the node refer to. */
export function referencesIn(node: PatternNode): readonly number[] {
  return node.kind === 'reference' ? [node.group] : childrenOf(node).flatMap(referencesIn);
}
