import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { StowageError } from '../errors.ts';
import { nameFromBytes } from '../model/byte-name.ts';

/** A place in a text; both count from 1, columns in code points. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A JSON value that knows where it stands. */
export type JsonNode =
  | (TextPosition & { readonly kind: 'object'; readonly members: readonly JsonMember[] })
  | (TextPosition & { readonly kind: 'array'; readonly items: readonly JsonNode[] })
  | (TextPosition & { readonly kind: 'string'; readonly value: string })
  /** `text` is the number as it is written. */
  | (TextPosition & { readonly kind: 'number'; readonly text: string })
  | (TextPosition & { readonly kind: 'boolean'; readonly value: boolean })
  | (TextPosition & { readonly kind: 'null' });

/** One key of an object with its value, at the position of the key. All are kept in the order of the file, the same key twice too. */
export interface JsonMember extends TextPosition {
  readonly key: string;
  readonly value: JsonNode;
}

/** Where and why a text is not JSON, as `facts` of the error carry it. */
export interface JsonFaultFacts extends TextPosition {
  readonly reason: string;
}

/** What could be made of a text: its tree, if every fault can be passed over, and all its faults in the order of the text. */
export interface JsonReading {
  readonly root: JsonNode | undefined;
  readonly faults: readonly JsonFaultFacts[];
}

/** Far more than any configuration needs, far less than exhausts the stack. */
const deepestNesting = 200;

/**
 * Reads strict JSON as Python's `json` does, less its NaN and Infinity: no comments, no trailing commas, UTF-8 without a
 * byte order mark. Throws `configuration` with `JsonFaultFacts` of the first fault.
 */
export function readJson(bytes: Uint8Array): JsonNode {
  const { root, faults } = inspectJson(bytes);
  const fault = faults[0];
  if (fault === undefined && root !== undefined) return root;
  const { line, column, reason } = fault ?? { line: 1, column: 1, reason: 'the file is empty' };
  throw new StowageError('configuration', `not valid JSON: ${reason} at line ${line}, column ${column}`, {
    facts: { line, column, reason },
  });
}

/** Reads the same, and passes over comments and commas too many, so that what else is wrong can be told as well. */
export function inspectJson(bytes: Uint8Array): JsonReading {
  const text = nameFromBytes(bytes);
  const positionOf = positions(text);
  const broken = (reason: string, offset: number): JsonReading => ({
    root: undefined,
    faults: [{ ...positionOf(offset), reason }],
  });
  if (text.startsWith('\ufeff')) return broken('the file begins with a byte order mark', 0);
  const badByte = text.search(/\p{Surrogate}/u);
  if (badByte >= 0) return broken('the file is not UTF-8', badByte);
  const tooDeep = offsetOfDepth(text);
  if (tooDeep !== undefined) return broken(`nesting deeper than ${deepestNesting}`, tooDeep);
  const errors: ParseError[] = [];
  const strict = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  if (first === undefined) {
    return strict === undefined
      ? broken('the file is empty', 0)
      : { root: treeOf(strict, text, positionOf), faults: [] };
  }
  const serious: ParseError[] = [];
  const lenient = parseTree(text, serious, { disallowComments: false, allowTrailingComma: true });
  // A wrong escape leaves the rest readable, but what its string means is not known.
  const readable = serious.every(({ error }) => printParseErrorCode(error) === 'InvalidEscapeCharacter');
  if (lenient === undefined || !readable) return broken(wordsFor(first, text), first.offset);
  const faults = new Map<number, JsonFaultFacts>();
  for (const error of errors) {
    // A comma too many is two errors, behind it; it is told once, where it stands.
    const comma = commaBefore(text, error);
    const offset = comma ?? escapeIn(text, error) ?? error.offset;
    const reason = comma === undefined ? wordsFor(error, text) : 'a comma too many: nothing follows it';
    if (!faults.has(offset)) faults.set(offset, { ...positionOf(offset), reason });
  }
  const root = serious.length === 0 ? treeOf(lenient, text, positionOf) : undefined;
  return { root, faults: [...faults.values()] };
}

/** The exact value of a number that is written as an integer (no point, no exponent), of any size. */
export function exactInteger(node: JsonNode): bigint | undefined {
  return node.kind === 'number' && /^-?[0-9]+$/.test(node.text) ? BigInt(node.text) : undefined;
}

/** Members as Python's dict has them: of equal keys the last value counts, in the place of the first. */
export function lastMembers(members: readonly JsonMember[]): ReadonlyMap<string, JsonMember> {
  const last = new Map<string, JsonMember>();
  for (const member of members) last.set(member.key, member);
  return last;
}

function treeOf(node: Node, text: string, positionOf: (offset: number) => TextPosition): JsonNode {
  const at = positionOf(node.offset);
  const children = node.children ?? [];
  switch (node.type) {
    case 'object': {
      const members = children.map((property) => {
        const [key, value] = property.children!;
        return { ...positionOf(key!.offset), key: key!.value as string, value: treeOf(value!, text, positionOf) };
      });
      return { ...at, kind: 'object', members };
    }
    case 'array':
      return { ...at, kind: 'array', items: children.map((item) => treeOf(item, text, positionOf)) };
    case 'string':
      return { ...at, kind: 'string', value: node.value as string };
    case 'number':
      return { ...at, kind: 'number', text: text.slice(node.offset, node.offset + node.length) };
    case 'boolean':
      return { ...at, kind: 'boolean', value: node.value as boolean };
    default:
      return { ...at, kind: 'null' };
  }
}

/** The parser descends by recursion, so it must not see what is too deep. */
function offsetOfDepth(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|$)|[[\]{}]/gs)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth > deepestNesting) return index;
  }
  return undefined;
}

/** Where the comma stands that a closing bracket follows, if that is the error. */
function commaBefore(text: string, { offset }: ParseError): number | undefined {
  if (!/[}\]]/.test(text[offset] ?? '')) return undefined;
  const before = text.slice(0, offset).trimEnd();
  return before.endsWith(',') ? before.length - 1 : undefined;
}

/** Where the backslash of a wrong escape stands in the string of that error. */
function escapeIn(text: string, { error, offset }: ParseError): number | undefined {
  if (printParseErrorCode(error) !== 'InvalidEscapeCharacter') return undefined;
  const found = /^(?:[^\\]|\\["\\/bfnrtu])*/.exec(text.slice(offset, offset + 10_000))![0];
  return offset + found.length;
}

const words: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a word that is not JSON',
  InvalidNumberFormat: 'a number that is not JSON',
  PropertyNameExpected: 'expected a key in double quotes (a comma too many?)',
  ValueExpected: 'expected a value',
  ColonExpected: "expected ':'",
  CommaExpected: "expected ','",
  CloseBraceExpected: "expected '}'",
  CloseBracketExpected: "expected ']'",
  EndOfFileExpected: 'expected nothing more',
  InvalidCommentToken: 'JSON has no comments; a comment',
  UnexpectedEndOfComment: 'JSON has no comments; a comment',
  UnexpectedEndOfString: 'a string without its closing quote',
  UnexpectedEndOfNumber: 'a number without its end',
  InvalidUnicode: "a '\\u' without its four hexadecimal digits",
  InvalidEscapeCharacter: 'an escape that JSON does not know (a backslash is written \\\\)',
  InvalidCharacter: 'a control character in a string',
};

function wordsFor(error: ParseError, text: string): string {
  const constant = /^-?(?:NaN|Infinity)\b/.exec(text.slice(error.offset, error.offset + 10))?.[0];
  if (constant !== undefined) return `${constant} is no JSON number, although Python reads it,`;
  if (text.trim() === '') return 'the file is empty';
  return words[printParseErrorCode(error.error)] ?? 'a fault';
}

function positions(text: string): (offset: number) => TextPosition {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (lineStarts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: Array.from(text.slice(lineStarts[low], offset)).length + 1 };
  };
}
