/** A letter that names a set of characters, as in `\d`; a capital is the complement. */
export type Category = 'd' | 'D' | 's' | 'S' | 'w' | 'W';

/** A part of a character class: the code points `from` to `to` (inclusive), or a named set. */
export type ClassItem =
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'category'; readonly category: Category };

/** A pattern as Python's `re` understands it, free of how it was spelt. */
export type PatternNode =
  | { readonly kind: 'literal'; readonly codePoint: number }
  /** Anything but a newline. */
  | { readonly kind: 'any' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly items: readonly ClassItem[] }
  | { readonly kind: 'start' }
  /** The end, and the place before one final newline. */
  | { readonly kind: 'end' }
  /** `index` counts from 1; undefined for a group that captures nothing. */
  | { readonly kind: 'group'; readonly index: number | undefined; readonly body: PatternNode }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly PatternNode[] }
  | RepeatNode;

/** `min` to `max` (`Infinity` for no bound) times the body; `position` is that of the quantifier. */
export interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: PatternNode;
  readonly min: number;
  readonly max: number;
  readonly lazy: boolean;
  readonly position: number;
}

/** The nodes directly below a node. */
export function childrenOf(node: PatternNode): readonly PatternNode[] {
  switch (node.kind) {
    case 'group':
    case 'repeat':
      return [node.body];
    case 'sequence':
      return node.items;
    case 'choice':
      return node.branches;
    default:
      return [];
  }
}
