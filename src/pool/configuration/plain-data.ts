import type { ZodType } from 'zod';
import type { JsonMember, JsonNode, TextPosition } from '../../rules/json-tree.ts';
import { nearestWord } from '../../rules/suggestion.ts';

/** Where a value stands: keys, and the place in a list, counted from 0. */
export type DataPath = readonly (string | number)[];

/** What to tell of a tree while it is made into data. */
export interface DataListener {
  /** A key that the schema does not have, and what was probably meant. */
  unknown(at: TextPosition, path: DataPath, suggestion: string | undefined): void;
  /** A key that stands more than once, and of which only one counts. */
  repeated(at: TextPosition, path: DataPath): void;
}

/** The value of a tree without what the schema does not know, and where each part of it stands. */
export interface PlainData {
  readonly value: unknown;
  positionOf(path: DataPath): TextPosition;
}

/**
 * Makes plain data of a tree, by the shape of a schema. XML has no lists: there a key that the schema repeats is one, and of any other key
 * the first counts. In JSON the last one does.
 */
export function plainData(root: JsonNode, schema: ZodType, language: 'xml' | 'json', tell: DataListener): PlainData {
  const positions = new Map<string, TextPosition>();
  const keyOf = (path: DataPath) => JSON.stringify(path);

  const dataOf = (node: JsonNode, wanted: ZodType | undefined, path: DataPath): unknown => {
    positions.set(keyOf(path), node);
    const shape = wanted === undefined ? undefined : shapeOf(wanted);
    switch (node.kind) {
      case 'object':
        return shape === undefined ? {} : objectOf(node.members, shape, path);
      case 'array': {
        const element = wanted === undefined ? undefined : elementOf(wanted);
        return node.items.map((item, index) => dataOf(item, element, [...path, index]));
      }
      case 'string':
        return language === 'xml' && node.value === '' && shape !== undefined ? {} : node.value;
      case 'number':
        return Number(node.text);
      case 'boolean':
        return node.value;
      default:
        return null;
    }
  };

  const objectOf = (members: readonly JsonMember[], shape: Readonly<Record<string, ZodType>>, path: DataPath) => {
    const values: Record<string, unknown> = {};
    for (const member of members) {
      const { key } = member;
      const at = [...path, key];
      if (!Object.hasOwn(shape, key)) {
        tell.unknown(member, at, nearestWord(key, Object.keys(shape)));
        continue;
      }
      const element = language === 'xml' ? elementOf(shape[key]!) : undefined;
      if (element !== undefined) {
        const list = (values[key] ?? []) as unknown[];
        values[key] = list;
        if (list.length === 0) positions.set(keyOf(at), member);
        if (!isEmpty(member.value) || shapeOf(element) !== undefined) {
          list.push(dataOf(member.value, element, [...at, list.length]));
        }
        continue;
      }
      // An empty element is one that is not there.
      if (language === 'xml' && isEmpty(member.value) && shapeOf(shape[key]!) === undefined) continue;
      if (Object.hasOwn(values, key)) {
        tell.repeated(member, at);
        if (language === 'xml') continue;
      }
      values[key] = dataOf(member.value, shape[key]!, at);
    }
    return values;
  };

  const value = dataOf(root, schema, []);
  return {
    value,
    positionOf(path) {
      for (let length = path.length; length >= 0; length -= 1) {
        const found = positions.get(keyOf(path.slice(0, length)));
        if (found !== undefined) return { line: found.line, column: found.column };
      }
      return { line: 1, column: 1 };
    },
  };
}

function isEmpty(node: JsonNode): boolean {
  return node.kind === 'string' && node.value === '';
}

interface Definition {
  readonly type: string;
  readonly innerType?: ZodType;
  readonly element?: ZodType;
  readonly shape?: Readonly<Record<string, ZodType>>;
}

function definitionOf(schema: ZodType): Definition {
  const definition = schema.def as unknown as Definition;
  return definition.type === 'optional' ? definitionOf(definition.innerType!) : definition;
}

function shapeOf(schema: ZodType): Readonly<Record<string, ZodType>> | undefined {
  return definitionOf(schema).shape;
}

function elementOf(schema: ZodType): ZodType | undefined {
  return definitionOf(schema).element;
}
