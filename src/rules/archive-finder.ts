import { classTest } from './matcher-program.ts';
import { canBeEmpty, endsAtEnd } from './pattern-facts.ts';
import { parsePattern } from './pattern-parser.ts';
import type { PatternNode } from './pattern-tree.ts';
import type { Rule } from './section.ts';
import { expand } from './template.ts';

/**
 * To which archive a rule sends paths that it matches and no other rule does, read from where its groups must lie: no engine is asked. For paths of printable
 * ASCII, which stand in `bytes` from `at` up to `end`.
 */
export interface ArchiveFinder {
  /** How many of its first bytes say to which archive a path goes: whatever begins with the same ones, and is matched by this rule alone, goes to the same. */
  extent(bytes: Uint8Array, at: number, end: number): number;
  /** The archive of the path of which the extent was asked last. */
  archive(bytes: Buffer): string;
}

/** A part of a pattern that takes the same of every path with the same beginning, whatever follows. */
type Part =
  | { readonly kind: 'width'; readonly width: number }
  /** All up to a character, which the next part takes. */
  | { readonly kind: 'until'; readonly byte: number }
  /** The only one of these that stands there: none begins with another. */
  | { readonly kind: 'one-of'; readonly texts: readonly Uint8Array[] }
  /** A group begins, or ends, here. */
  | { readonly kind: 'opened' | 'closed'; readonly group: number };

/** The finder for a rule that makes archives; undefined if only the rule itself can tell. */
export function archiveFinder({ compiled, replacement }: Rule): ArchiveFinder | undefined {
  const { tree, groups } = parsePattern(compiled.source);
  // What follows a match stays in the name, and an empty match behind it is replaced once more.
  if (!endsAtEnd(tree) || canBeEmpty(tree)) return undefined;
  const wanted = new Set(replacement.parts.filter((part) => typeof part === 'number'));
  const parts = wanted.has(0) ? undefined : partsOf(flat(tree), wanted);
  if (parts === undefined) return undefined;
  const bounds = new Int32Array(groups * 2 + 2);
  return {
    extent: (bytes, at, end) => extentOf(parts, bounds, bytes, at, end),
    archive(bytes) {
      const texts = Array.from({ length: groups + 1 }, (_, group) =>
        wanted.has(group) ? bytes.toString('latin1', bounds[group * 2], bounds[group * 2 + 1]) : '',
      );
      return expand(replacement, texts);
    },
  };
}

/** The parts up to where the last of these groups is closed; undefined if one cannot be told. */
function partsOf(nodes: readonly Flat[], groups: ReadonlySet<number>): readonly Part[] | undefined {
  const wanted = new Set(groups);
  const parts: Part[] = [];
  for (let at = 0; at < nodes.length && wanted.size > 0; at += 1) {
    const node = nodes[at]!;
    if (isMark(node)) {
      if (node.kind === 'closed') wanted.delete(node.group);
      parts.push(node);
      continue;
    }
    const part = partOf(
      node,
      nodes.slice(at + 1).find((one) => !isMark(one)),
    );
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return wanted.size === 0 ? parts : undefined;
}

type Mark = Part & { readonly kind: 'opened' | 'closed' };
type Flat = PatternNode | Mark;

function isMark(node: Flat): node is Mark {
  return node.kind === 'opened' || node.kind === 'closed';
}

/** The nodes of a sequence without the groups around them. */
function flat(node: PatternNode): readonly Flat[] {
  if (node.kind === 'sequence') return node.items.flatMap(flat);
  if (node.kind !== 'group') return [node];
  if (node.index === undefined) return flat(node.body);
  return [{ kind: 'opened', group: node.index }, ...flat(node.body), { kind: 'closed', group: node.index }];
}

function partOf(node: PatternNode, after: Flat | undefined): Part | undefined {
  const width = widthOf(node);
  if (width !== undefined) return { kind: 'width', width };
  if (node.kind === 'repeat') {
    const takes = takesOne(node.body);
    if (takes === undefined || after?.kind !== 'literal') return undefined;
    return takes(after.codePoint) || node.mode === 'possessive' ? undefined : { kind: 'until', byte: after.codePoint };
  }
  if (node.kind === 'choice') {
    const texts = node.branches.map(textOf);
    const isOnly = texts.every(
      (text, at) => text !== undefined && texts.every((other, place) => place === at || !other?.startsWith(text)),
    );
    return isOnly ? { kind: 'one-of', texts: texts.map((text) => Buffer.from(text!)) } : undefined;
  }
  return undefined;
}

/** How many characters this takes, if it is always the same number and holds no group. */
function widthOf(node: PatternNode): number | undefined {
  switch (node.kind) {
    case 'literal':
    case 'any':
    case 'class':
      return 1;
    case 'place':
      return node.place === 'start' ? 0 : undefined;
    case 'group':
      return node.index === undefined ? widthOf(node.body) : undefined;
    case 'sequence':
      return node.items.reduce<number | undefined>((sum, item) => plus(sum, widthOf(item)), 0);
    case 'repeat': {
      const one = widthOf(node.body);
      return one === undefined || node.min !== node.max || node.mode === 'possessive' ? undefined : one * node.min;
    }
    default:
      return undefined;
  }
}

function plus(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}

/** Whether a node that takes one character takes this one. */
function takesOne(node: PatternNode): ((codePoint: number) => boolean) | undefined {
  switch (node.kind) {
    case 'literal':
      return (one) => one === node.codePoint;
    case 'class':
      return classTest(node.items, node.negated);
    case 'group':
      return node.index === undefined ? takesOne(node.body) : undefined;
    default:
      return undefined;
  }
}

/** The printable ASCII text that a node takes, if it takes nothing else. */
function textOf(node: PatternNode): string | undefined {
  if (node.kind === 'literal') {
    return node.codePoint >= 0x20 && node.codePoint < 0x7f ? String.fromCodePoint(node.codePoint) : undefined;
  }
  if (node.kind !== 'sequence') return undefined;
  const texts = node.items.map(textOf);
  return texts.includes(undefined) ? undefined : texts.join('');
}

function extentOf(parts: readonly Part[], bounds: Int32Array, bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (const part of parts) {
    switch (part.kind) {
      case 'opened':
        bounds[part.group * 2] = at;
        break;
      case 'closed':
        bounds[part.group * 2 + 1] = at;
        break;
      case 'width':
        at += part.width;
        break;
      case 'until':
        while (at < end && bytes[at] !== part.byte) at += 1;
        break;
      case 'one-of':
        at += part.texts.find((one) => one.every((byte, index) => bytes[at + index] === byte))?.length ?? 0;
    }
  }
  // With the character at which the last part ended.
  return Math.min(at + 1, end) - from;
}
