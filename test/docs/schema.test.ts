import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../src/rules/configuration.ts';
import { settingsKey as configKey, excludeKey, schemaKey, topKey } from '../../src/rules/section.ts';
import { settingsKeys } from '../../src/rules/settings-reader.ts';
import { schemaBreaches } from '../json-schema.ts';

const top = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, top), 'utf8');
const schema = JSON.parse(read('schema/configuration.schema.json'));

test('the schema has the words of the reader, and it is published', () => {
  expect(Object.keys(schema.properties)).toEqual([schemaKey, configKey]);
  expect(Object.keys(schema.definitions.settings.properties).sort()).toEqual([...settingsKeys].sort());
  expect(Object.keys(schema.definitions.section.properties)).toEqual([excludeKey, topKey]);
  expect(JSON.parse(read('package.json')).files).toContain('schema');
});

const pages = [
  'README.md',
  ...readdirSync(new URL('docs', top), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
];
const examples = pages
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    [...read(name).matchAll(/^```json\n(.*?)^```$/gms)].map((one, index) => [`${name} ${index + 1}`, one[1]!] as const),
  )
  .filter(([, text]) => text.includes(`"${configKey}"`));

test.each(examples)('the example %s follows the schema and has no problems', (_, text) => {
  expect(schemaBreaches(schema, JSON.parse(text))).toEqual([]);
  expect(readConfiguration(Buffer.from(text), 'c.json').problems).toEqual([]);
});

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(2);
});

const good = { root: '/r', store: 'dir:v' };
const section = (directories: unknown, exclude: unknown = []) => ({
  __config__: good,
  data: { __exclude__: exclude, ...(directories as object) },
});

// What one finds wrong, the other does too.
test.each([
  [{}],
  [[]],
  [{ __config__: [] }],
  [{ __config__: { store: 'dir:v' } }],
  [{ __config__: { root: '/r' } }],
  [{ __config__: { ...good, root: 'r' } }],
  [{ __config__: { ...good, store: '/v' } }],
  [{ __config__: { ...good, store: 1 } }],
  [{ __config__: { root: '/r', hpss_root: '' } }],
  [{ __config__: { ...good, physical_disks: 'x' } }],
  [{ __config__: { ...good, physical_disks: [1] } }],
  [{ __config__: { ...good, physical_disks: true } }],
  [{ __config__: { ...good, phys_disks: [] } }],
  [{ __config__: good, $schema: 1 }],
  [{ __config__: good, data: [] }],
  [{ __config__: good, data: {} }],
  [section({}, 'x')],
  [section({}, [1])],
  [section({ d: 'x' })],
  [section({ d: { 'd/x$': 1 } })],
  [section({ __top__: ['x'] })],
])('%j is wrong', (value) => {
  expect(schemaBreaches(schema, value)).not.toEqual([]);
  expect(readConfiguration(Buffer.from(JSON.stringify(value)), 'c.json').problems).not.toEqual([]);
});

test.each<[object]>([
  [{ __config__: good, $schema: './x.json' }],
  [{ __config__: { root: '/r', hpss_root: '/h' } }],
  ...[[], ['a', '/b'], false, null, 0, ''].map((physical_disks): [object] => [
    { __config__: { ...good, physical_disks } },
  ]),
  [section({ d: { 'd/x$': 'd.tar' }, __top__: {} }, ['a'])],
])('%j is right', (value) => {
  expect(schemaBreaches(schema, value)).toEqual([]);
  expect(readConfiguration(Buffer.from(JSON.stringify(value)), 'c.json').problems).toEqual([]);
});
