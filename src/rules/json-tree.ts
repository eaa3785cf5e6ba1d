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

/** Far more than any configuration needs, far less than exhausts the stack. */
const deepestNesting = 200;

/**
 * Reads strict JSON as Python's `json` does, less its NaN and Infinity: no comments, no trailing commas, UTF-8 without a
 * byte order mark. Throws `configuration` with `JsonFaultFacts` of the first fault.
 */
export function readJson(bytes: Uint8Array): JsonNode {
  const text = nameFromBytes(bytes);
  const positionOf = positions(text);
  const fail = (message: string, offset: number): never => {
    const facts: JsonFaultFacts = { ...positionOf(offset), reason: message };
    throw new StowageError(
      'configuration',
      `not valid JSON: ${message} at line ${facts.line}, column ${facts.column}`,
      {
        facts: { ...facts },
      },
    );
  };
  if (text.startsWith('\ufeff')) fail('the file begins with a byte order mark', 0);
  const badByte = text.search(/\p{Surrogate}/u);
  if (badByte >= 0) fail('the file is not UTF-8', badByte);
  refuseDepth(text, fail);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  if (first !== undefined) fail(wordsFor(first, text), first.offset);
  if (root === undefined) return fail('the file is empty', 0);
  return treeOf(root, text, positionOf);
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
function refuseDepth(text: string, fail: (message: string, offset: number) => never): void {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|$)|[[\]{}]/gs)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth > deepestNesting) fail(`nesting deeper than ${deepestNesting}`, index);
  }
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
