import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaBreaches } from '../../../test/json-schema.ts';
import { poolJsonSchema } from './pool-json-schema.ts';
import { readPoolConfiguration } from './read-pool-configuration.ts';

const top = new URL('../../../', import.meta.url);
const published = readFileSync(new URL('schema/pool.schema.json', top), 'utf8');

test('the published schema is the one that is used (npm run docs makes it)', () => {
  expect(JSON.parse(published)).toEqual(JSON.parse(poolJsonSchema()));
});

const cases = new URL('test/oracle/pool/cases/', top);

test.each(readdirSync(cases))('what is imported of %s follows the schema', (name) => {
  const text = readFileSync(new URL(`${name}/config.xml`, cases), 'utf8').replace(/@(ROOT|SHIMS)@/g, '/$1');
  const { data } = readPoolConfiguration(Buffer.from(text), 'cback3.conf');
  if (data === undefined) return;
  expect(schemaBreaches(JSON.parse(published), JSON.parse(JSON.stringify(data)))).toEqual([]);
});

test('what is wrong breaks the schema', () => {
  expect(schemaBreaches(JSON.parse(published), { options: {} })).not.toEqual([]);
  expect(schemaBreaches(JSON.parse(published), { purge: { dir: [{ abs_path: 'x', retain_days: -1 }] } })).not.toEqual(
    [],
  );
});
