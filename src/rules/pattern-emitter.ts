import { emitCharacter, emitClass, wordCharacters } from './pattern-charset.ts';
import { type PatternNode, type Place, type RepeatNode, referencesIn } from './pattern-tree.ts';

/** A pattern in JavaScript's language. */
export interface EmittedPattern {
  /** For the `u` flag. */
  readonly source: string;
  /** The numbers that the groups have there: `numbers[0]` is that of group 1. Atomic groups take some. */
  readonly numbers: readonly number[];
}

/**
 * The JavaScript pattern that means what the tree means in Python. Only for trees in which the engine cannot give another
 * answer: `needsMatcher` says so.
 */
export function emitPattern(tree: PatternNode): EmittedPattern {
  const emitter = { referenced: new Set(referencesIn(tree)), numbers: [], captures: 0 };
  return { source: emit(emitter, tree), numbers: emitter.numbers };
}

interface Emitter {
  readonly referenced: ReadonlySet<number>;
  readonly numbers: number[];
  captures: number;
}

function emit(emitter: Emitter, node: PatternNode): string {
  switch (node.kind) {
    case 'literal':
      return emitCharacter(node.codePoint);
    case 'any':
      return node.newline ? '[^]' : '[^\\n]'; // JavaScript's dot leaves out \r, U+2028 and U+2029 too
    case 'place':
      return emitPlace(node.place, wordCharacters[node.ascii ? 'ascii' : 'unicode']);
    case 'class':
      return emitClass(node.items, node.negated);
    case 'group':
      return node.index === undefined ? `(?:${emit(emitter, node.body)})` : emitCapture(emitter, node.index, node.body);
    case 'atomic':
      return emitAtomic(emitter, () => emit(emitter, node.body));
    case 'look':
      return `(?${node.behind === undefined ? '' : '<'}${node.negated ? '!' : '='}${emit(emitter, node.body)})`;
    case 'reference':
      return `\\k<g${node.group}>`;
    case 'sequence':
      return node.items
        .map((item) => (item.kind === 'choice' ? `(?:${emit(emitter, item)})` : emit(emitter, item)))
        .join('');
    case 'choice':
      return node.branches.map((branch) => emit(emitter, branch)).join('|');
    case 'repeat':
      return emitRepeat(emitter, node);
    case 'conditional':
      throw new TypeError('JavaScript has no conditionals');
  }
}

function emitCapture(emitter: Emitter, group: number, body: PatternNode): string {
  emitter.captures += 1;
  emitter.numbers[group - 1] = emitter.captures;
  return `(${emitter.referenced.has(group) ? `?<g${group}>` : ''}${emit(emitter, body)})`;
}

/** A look-ahead gives nothing back: what it saw is noted, and then taken as a whole. */
function emitAtomic(emitter: Emitter, body: () => string): string {
  emitter.captures += 1;
  const name = `a${emitter.captures}`;
  return `(?:(?=(?<${name}>${body()}))\\k<${name}>)`;
}

function emitRepeat(emitter: Emitter, { body, min, max, mode }: RepeatNode): string {
  const bounds = max === Number.POSITIVE_INFINITY ? `{${min},}` : `{${min},${max}}`;
  if (mode !== 'possessive') return `${emitBody(emitter, body)}${bounds}${mode === 'lazy' ? '?' : ''}`;
  return emitAtomic(emitter, () => {
    const iteration = isOneCharacter(body) ? emit(emitter, body) : emitAtomic(emitter, () => emit(emitter, body));
    return `${iteration}${bounds}`;
  });
}

/** A look cannot be repeated in JavaScript but as a group. */
function emitBody(emitter: Emitter, body: PatternNode): string {
  return body.kind === 'group' || isOneCharacter(body) ? emit(emitter, body) : `(?:${emit(emitter, body)})`;
}

function isOneCharacter({ kind }: PatternNode): boolean {
  return kind === 'literal' || kind === 'any' || kind === 'class';
}

function emitPlace(place: Place, word: string): string {
  switch (place) {
    case 'start':
      return '^';
    case 'textEnd':
      return '$';
    case 'end':
      return '(?=\\n?$)';
    case 'lineStart':
      return '(?<![^\\n])';
    case 'lineEnd':
      return '(?![^\\n])';
    case 'boundary':
      return `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;
    case 'nonBoundary':
      // In Python 3.11 the empty text has not even that.
      return `(?!^$)(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}]))`;
  }
}
