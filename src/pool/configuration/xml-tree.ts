import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { nameFromBytes } from '../../model/byte-name.ts';
import type { JsonFaultFacts, JsonMember, JsonNode, JsonReading, TextPosition } from '../../rules/json-tree.ts';

/** The element that holds the configuration. */
export const rootElement = 'cb_config';

const textKey = '#text';
const cdataKey = '#cdata';
const metadata = XMLParser.getMetaDataSymbol() as unknown as symbol;

/** An element as the parser gives it: its name is its one key that begins with no sign. */
type Element = Readonly<Record<string, unknown>> & { readonly [key: symbol]: { readonly startIndex?: number } };

/**
 * Reads the XML of a configuration as a tree like that of JSON: an element with elements in it is an object, in which the same key may
 * stand more than once; any other a string, without blanks around it. Attributes, comments and entities of its own count for nothing.
 */
export function inspectXml(bytes: Uint8Array): JsonReading {
  const text = nameFromBytes(bytes);
  const faults: JsonFaultFacts[] = [];
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { msg, line, col } = valid.err as { msg: string; line: number; col: number | undefined };
    return { root: undefined, faults: [{ line: line || 1, column: col || 1, reason: reasonOf(msg) }] };
  }
  const positionOf = (offset: number): TextPosition => {
    const before = text.slice(0, offset).split('\n');
    return { line: before.length, column: Array.from(before.at(-1)!).length + 1 };
  };
  const contentOf = (elements: readonly Element[], at: TextPosition): JsonNode => {
    const members: JsonMember[] = [];
    let value = '';
    for (const element of elements) {
      if (textKey in element) value += decoded(String(element[textKey]), at, faults);
      else if (cdataKey in element) value += plainText(element[cdataKey]);
      else {
        const key = Object.keys(element).find((name) => !name.startsWith(':'));
        if (key === undefined) continue;
        const place = positionOf(element[metadata]?.startIndex ?? 0);
        members.push({ ...place, key, value: contentOf(element[key] as readonly Element[], place) });
      }
    }
    return members.length > 0 ? { ...at, kind: 'object', members } : { ...at, kind: 'string', value: value.trim() };
  };
  try {
    const elements = parser().parse(text) as readonly Element[];
    const root = contentOf(elements, { line: 1, column: 1 });
    return { root, faults };
  } catch (error) {
    return { root: undefined, faults: [{ line: 1, column: 1, reason: (error as Error).message }] };
  }
}

function parser(): XMLParser {
  return new XMLParser({
    preserveOrder: true,
    ignoreAttributes: true,
    parseTagValue: false,
    trimValues: false,
    // It leaves &#65; as it stands, and would expand what a document declares for itself.
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    captureMetaData: true,
    cdataPropName: cdataKey,
  });
}

/** The text of what stands in a CDATA section. */
function plainText(parts: unknown): string {
  return (parts as readonly Element[]).map((part) => String(part[textKey] ?? '')).join('');
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string, at: TextPosition, faults: JsonFaultFacts[]): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#[0-9]+|[^;&\s]*);?/g, (whole, name: string) => {
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    if (name.startsWith('#') && code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) {
      return String.fromCodePoint(code);
    }
    if (whole.endsWith(';') && Object.hasOwn(named, name)) return named[name]!;
    faults.push({ ...at, reason: `'${whole}' is no entity that XML knows: a plain & is written &amp;` });
    return whole;
  });
}

/** The validator's words for an element that is never closed are JSON. */
function reasonOf(message: string): string {
  const open = /^Invalid '\[(.*)\]' found\.$/s.exec(message)?.[1];
  if (open !== undefined)
    return `never closed: ${
      open
        .match(/[^\s",]+/g)
        ?.map((one) => `<${one}>`)
        .join(', ') ?? ''
    }`;
  return message === 'Start tag expected.' ? 'there is no element at all' : message.replace(/\.$/, '');
}
