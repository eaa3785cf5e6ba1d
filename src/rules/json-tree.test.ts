import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactInteger, inspectJson, type JsonNode, lastMembers, readJson } from './json-tree.ts';

const read = (text: string) => readJson(Buffer.from(text, 'latin1'));

test.each([
  ['', 'the file is empty', 1, 1],
  ['{"a": }', 'expected a value', 1, 7],
  ['{\n "a": NaN}', 'NaN is no JSON number', 2, 7],
  ['[-Infinity]', '-Infinity is no JSON number', 1, 2],
  ['{"a": 1,\n}', 'a comma too many: nothing follows it', 1, 8],
  ['[1,]', 'a comma too many', 1, 3],
  ['{} // x', 'JSON has no comments', 1, 4],
  ['{/* x */}', 'JSON has no comments', 1, 2],
  ['["\\d"]', 'an escape that JSON does not know', 1, 3],
  ['["\t"]', 'a control character', 1, 2],
  ['[01]', "expected ','", 1, 3],
  ['["abc', 'without its closing quote', 1, 2],
  ["['a']", 'a word that is not JSON', 1, 2],
  ['{} {}', 'expected nothing more', 1, 4],
  ['\xef\xbb\xbf{}', 'byte order mark', 1, 1],
  ['{"root":\n "caf\xe9"}', 'not UTF-8', 2, 6],
  ['["\xc3\xa9", \xff]', 'not UTF-8', 1, 7],
  ['['.repeat(100_000), 'nesting deeper than 200', 1, 201],
] as const)('%j is not JSON', (text, message, line, column) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(message),
      facts: expect.objectContaining({ line, column }),
    }),
  );
});

test.each([
  ['{"a": [1, 2,],}', true, ['1:12 a comma too many: nothing follows it', '1:14 a comma too many: nothing follows it']],
  ['{"a": 1 // x\n,}', true, ['1:9 JSON has no comments; a comment', '2:1 a comma too many: nothing follows it']],
  [
    '{"d/\\d": "x\\.y",\n"b": [3,]}',
    false,
    [
      '1:5 an escape that JSON does not know (a backslash is written \\\\)',
      '1:12 an escape that JSON does not know (a backslash is written \\\\)',
      '2:8 a comma too many: nothing follows it',
    ],
  ],
  ['{"a": 1 "b": 2,}', false, ["1:9 expected ','"]],
])('all faults of %j', (text, readable, expected) => {
  const { root, faults } = inspectJson(Buffer.from(text));
  expect(root !== undefined).toBe(readable);
  expect(faults.map(({ line, column, reason }) => `${line}:${column} ${reason}`)).toEqual(expected);
});

test('order, duplicates, integer-like keys and __proto__ survive, each at its place', () => {
  const root = read('{"b": 1,\n "10": 2, "__proto__": 3,\n "9": 4, "b": 5}') as JsonNode & { kind: 'object' };
  expect(root.members.map(({ key, line, column }) => [key, line, column])).toEqual([
    ['b', 1, 2],
    ['10', 2, 2],
    ['__proto__', 2, 11],
    ['9', 3, 2],
    ['b', 3, 10],
  ]);
  const last = [...lastMembers(root.members)].map(([key, { value }]) => [key, exactInteger(value)]);
  expect(last).toEqual([
    ['b', 5n],
    ['10', 2n],
    ['__proto__', 3n],
    ['9', 4n],
  ]);
});

test.each([
  ['9007199254740993', 9007199254740993n],
  ['-0', 0n],
  ['1.0', undefined],
  ['1e3', undefined],
  ['"1"', undefined],
])('the exact integer of %s', (text, expected) => {
  expect(exactInteger(read(text))).toBe(expected);
});

test('every JSON text reads as what it says', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(plain(readJson(Buffer.from(text)))).toEqual(JSON.parse(text));
    }),
  );
});

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
    case 'array':
      return node.items.map(plain);
    case 'number':
      return Number(node.text);
    case 'null':
      return null;
    default:
      return node.value;
  }
}
