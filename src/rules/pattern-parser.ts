import { readClass } from './pattern-class.ts';
import { refused, rejected } from './pattern-error.ts';
import { readEscape } from './pattern-escape.ts';
import { readGroupOpening } from './pattern-group.ts';
import { type PatternReader, patternReader } from './pattern-reader.ts';
import { readRepeat } from './pattern-repeat.ts';
import type { PatternNode } from './pattern-tree.ts';

/** A parsed pattern: its tree and the number of its capturing groups. */
export interface ParsedPattern {
  readonly tree: PatternNode;
  readonly groups: number;
}

/** Deeper nesting could exhaust the stack, here or in the engine; nobody writes it by hand. */
const deepestNesting = 100;

/** Parses a pattern of Python 3.11's `re`. Throws what Python rejects in Python's words, and refuses by name what is not supported yet. */
export function parsePattern(pattern: string): ParsedPattern {
  const reader = patternReader(pattern);
  const state = { reader, groups: 0, depth: 0 };
  const tree = parseChoice(state);
  if (reader.peek() !== undefined) throw rejected(pattern, 'unbalanced parenthesis', reader.position());
  return { tree, groups: state.groups };
}

interface ParserState {
  readonly reader: PatternReader;
  groups: number;
  depth: number;
}

function parseChoice(state: ParserState): PatternNode {
  const branches = [parseSequence(state)];
  while (state.reader.takeIf('|')) branches.push(parseSequence(state));
  return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
}

function parseSequence(state: ParserState): PatternNode {
  const { reader } = state;
  const items: PatternNode[] = [];
  for (;;) {
    const token = reader.peek();
    if (token === undefined || token === '|' || token === ')') break;
    reader.take();
    if (/^[*+?{]$/.test(token)) {
      const repeat = readRepeat(reader, token, items.at(-1));
      if (repeat === undefined) items.push(literal(token));
      else items.splice(-1, 1, repeat);
    } else items.push(parseAtom(state, token));
  }
  return items.length === 1 ? items[0]! : { kind: 'sequence', items };
}

function parseAtom(state: ParserState, token: string): PatternNode {
  switch (token) {
    case '.':
      return { kind: 'any' };
    case '^':
      return { kind: 'start' };
    case '$':
      return { kind: 'end' };
    case '[':
      return readClass(state.reader);
    case '(':
      return parseGroup(state);
  }
  if (!token.startsWith('\\')) return literal(token);
  const item = readEscape(state.reader, token, 'pattern');
  return item.kind === 'range'
    ? { kind: 'literal', codePoint: item.from }
    : { kind: 'class', negated: false, items: [item] };
}

function parseGroup(state: ParserState): PatternNode {
  const { reader } = state;
  const start = reader.position() - 1;
  const index = readGroupOpening(reader) === 'capturing' ? ++state.groups : undefined;
  state.depth += 1;
  if (state.depth > deepestNesting) throw refused(reader.text, `nesting of more than ${deepestNesting} groups`, start);
  const body = parseChoice(state);
  state.depth -= 1;
  if (!reader.takeIf(')')) throw rejected(reader.text, 'missing ), unterminated subpattern', start);
  return { kind: 'group', index, body };
}

function literal(character: string): PatternNode {
  return { kind: 'literal', codePoint: character.codePointAt(0)! };
}
