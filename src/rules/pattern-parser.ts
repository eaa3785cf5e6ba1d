import { otherCases } from './pattern-case.ts';
import { readClass } from './pattern-class.ts';
import { refused, rejected } from './pattern-error.ts';
import { readEscape, readNumber, single } from './pattern-escape.ts';
import { changedFlags, type Flags } from './pattern-flags.ts';
import { type Opening, readOpening } from './pattern-group.ts';
import { type GroupList, groupList } from './pattern-groups.ts';
import { type PatternReader, patternReader } from './pattern-reader.ts';
import { readRepeat } from './pattern-repeat.ts';
import type { ClassItem, Folding, PatternNode, Place } from './pattern-tree.ts';

/** A parsed pattern: its tree, the number of its capturing groups, and the names of some. */
export interface ParsedPattern {
  readonly tree: PatternNode;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

/** Deeper nesting could exhaust the stack, here or in the engine; nobody writes it by hand. */
const deepestNesting = 100;

/** Parses a pattern of Python 3.11's `re`. Throws what Python rejects in Python's words, and refuses by name what is not supported. */
export function parsePattern(pattern: string): ParsedPattern {
  const reader = patternReader(pattern);
  const groups = groupList(reader);
  const state: ParserState = { reader, groups, flags: new Set(), depth: 0, variableLookBehind: undefined };
  const tree = parseChoice(state);
  if (state.flags.has('a') && state.flags.has('u')) {
    throw rejected(pattern, 'ASCII and UNICODE flags are incompatible', 0);
  }
  if (reader.peek() !== undefined) throw reader.error('unbalanced parenthesis');
  groups.finish();
  // Python finds this out last, and knows no position.
  if (state.variableLookBehind !== undefined) {
    throw rejected(pattern, 'look-behind requires fixed-width pattern', state.variableLookBehind);
  }
  return { tree, groups: groups.count(), names: groups.names };
}

interface ParserState {
  readonly reader: PatternReader;
  readonly groups: GroupList;
  flags: Flags;
  depth: number;
  /** Where the first look-behind begins that has no fixed width. */
  variableLookBehind: number | undefined;
}

function parseChoice(state: ParserState): PatternNode {
  const branches = [parseSequence(state, state.depth === 0)];
  while (state.reader.takeIf('|')) branches.push(parseSequence(state, false));
  return branches.length === 1 ? branches[0]! : { kind: 'choice', branches };
}

function parseSequence(state: ParserState, atStart: boolean): PatternNode {
  const { reader } = state;
  const items: PatternNode[] = [];
  for (;;) {
    const token = reader.peek();
    if (token === undefined || token === '|' || token === ')') break;
    reader.take();
    if (state.flags.has('x') && isBlank(reader, token)) continue;
    if (/^[*+?{]$/.test(token)) {
      const repeat = readRepeat(reader, token, items.at(-1));
      if (repeat === undefined) items.push(literal(state, token.codePointAt(0)!));
      else items.splice(-1, 1, repeat);
    } else {
      const atom = token === '(' ? parseGroup(state, atStart && items.length === 0) : parseAtom(state, token);
      if (atom !== undefined) items.push(atom);
    }
  }
  return items.length === 1 ? items[0]! : { kind: 'sequence', items };
}

/** What the verbose flag skips: white space, and a comment to the end of the line. */
function isBlank(reader: PatternReader, token: string): boolean {
  if (token === '#') {
    for (let next = reader.take(); next !== undefined && next !== '\n'; ) next = reader.take();
    return true;
  }
  return /^[ \t-\r]$/.test(token);
}

const escapedPlaces: ReadonlyMap<string, Place> = new Map([
  ['\\A', 'start'],
  ['\\Z', 'textEnd'],
  ['\\b', 'boundary'],
  ['\\B', 'nonBoundary'],
]);

function parseAtom(state: ParserState, token: string): PatternNode {
  const { reader, flags } = state;
  const ascii = flags.has('a');
  if (token === '.') return { kind: 'any', newline: flags.has('s') };
  if (token === '^') return { kind: 'place', place: flags.has('m') ? 'lineStart' : 'start', ascii };
  if (token === '$') return { kind: 'place', place: flags.has('m') ? 'lineEnd' : 'end', ascii };
  if (token === '[') {
    const { negated, items } = readClass(reader, ascii);
    const [only] = items;
    if (!negated && items.length === 1 && only?.kind === 'range' && only.from === only.to) {
      return literal(state, only.from);
    }
    return { kind: 'class', negated, items: items.flatMap((item) => inAllCases(state, item)) };
  }
  if (!token.startsWith('\\')) return literal(state, token.codePointAt(0)!);
  const place = escapedPlaces.get(token);
  if (place !== undefined) return { kind: 'place', place, ascii };
  if (/^\\[1-9]$/.test(token)) return parseNumber(state, token);
  const item = readEscape(reader, token, 'pattern', ascii);
  return item.kind === 'range' ? literal(state, item.from) : { kind: 'class', negated: false, items: [item] };
}

function parseNumber(state: ParserState, token: string): PatternNode {
  const number = readNumber(state.reader, token);
  if ('codePoint' in number) return literal(state, number.codePoint);
  state.groups.checkReference(number.group, String(number.group).length + 1);
  return { kind: 'reference', group: number.group, folding: foldingOf(state) };
}

function foldingOf({ flags }: ParserState): Folding | undefined {
  if (!flags.has('i')) return undefined;
  return flags.has('a') ? 'ascii' : 'unicode';
}

function inAllCases(state: ParserState, item: ClassItem): readonly ClassItem[] {
  const folding = foldingOf(state);
  return item.kind === 'range' && folding !== undefined ? otherCases(item, folding) : [item];
}

function literal(state: ParserState, codePoint: number): PatternNode {
  const items = inAllCases(state, single(codePoint));
  return items.length === 1 ? { kind: 'literal', codePoint } : { kind: 'class', negated: false, items };
}

/** The group whose `(` was just taken; undefined for what matches nothing and is nothing: comments and flags. */
function parseGroup(state: ParserState, atStart: boolean): PatternNode | undefined {
  const { reader, groups } = state;
  const start = reader.position() - 1;
  const opening = readOpening(reader);
  switch (opening.kind) {
    case 'comment':
      return undefined;
    case 'flags':
      if (!atStart) {
        throw reader.error('global flags not at the start of the expression', reader.position() - start);
      }
      state.flags = new Set([...state.flags, ...opening.flags.add]);
      return undefined;
    case 'reference':
      return { kind: 'reference', group: groups.referenceByName(opening.name), folding: foldingOf(state) };
    default:
      return parseContent(state, opening, start);
  }
}

type WithContent = Exclude<Opening, { kind: 'comment' | 'flags' | 'reference' }>;

function parseContent(state: ParserState, opening: WithContent, start: number): PatternNode {
  const { reader, groups, flags } = state;
  const content = (): PatternNode => {
    if (state.depth === deepestNesting) {
      throw refused(reader.text, `nesting of more than ${deepestNesting} groups`, start);
    }
    state.depth += 1;
    const node = opening.kind === 'conditional' ? parseConditional(state, opening.group) : parseChoice(state);
    state.depth -= 1;
    state.flags = flags;
    if (!reader.takeIf(')')) throw reader.error('missing ), unterminated subpattern', reader.position() - start);
    return node;
  };
  switch (opening.kind) {
    case 'conditional':
      return content();
    case 'atomic':
      return { kind: 'atomic', body: content() };
    case 'plain':
      if (opening.flags !== undefined) state.flags = changedFlags(flags, opening.flags);
      return { kind: 'group', index: undefined, body: content() };
    case 'capturing': {
      const index = groups.open(opening.name);
      const body = content();
      groups.close(index, body);
      return { kind: 'group', index, body };
    }
    case 'look': {
      const { negated } = opening;
      if (!opening.behind) return { kind: 'look', behind: undefined, negated, body: content() };
      const body = groups.inLookBehind(content);
      const { least, most } = groups.widthOf(body);
      if (least !== most) state.variableLookBehind ??= start;
      return { kind: 'look', behind: least, negated, body };
    }
  }
}

function parseConditional(state: ParserState, text: string): PatternNode {
  const { reader } = state;
  const group = state.groups.condition(text);
  const yes = parseSequence(state, false);
  const no: PatternNode = reader.takeIf('|') ? parseSequence(state, false) : { kind: 'sequence', items: [] };
  if (reader.peek() === '|') throw reader.error('conditional backref with more than two branches');
  return { kind: 'conditional', group, yes, no };
}
