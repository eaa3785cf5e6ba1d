import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { isStowageError } from '../../src/errors.ts';
import { compileMap } from '../../src/hpss-entry.ts';
import { readJson } from '../../src/rules/json-tree.ts';
import { excludeKey, type Section } from '../../src/rules/section.ts';
import { listedDifferences } from './differences.ts';

const folder = new URL('hpss/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.startsWith('compile-'));
const listed = listedDifferences();

interface Expected {
  readonly return?: Readonly<Record<string, unknown>>;
  readonly key_order?: readonly string[];
  readonly raises?: { readonly text: string };
}

test('there are cases, and every listed one is among them', () => {
  expect(names.length).toBeGreaterThan(5);
  for (const name of listed.keys()) if (name.startsWith('compile-')) expect(names).toContain(name);
});

test.each(names)('%s', (name) => {
  const load = (path: string) => readFileSync(new URL(`${name}/${path}`, folder));
  const { args } = JSON.parse(load('case.json').toString()) as { args: { config: string; section: string } };
  const expected = JSON.parse(load('expected.json').toString()) as Expected;
  const agrees = isDeepStrictEqual(compiled(load(`input/${args.config}`), args.section), outcome(expected));
  expect(agrees, listed.has(name) ? `listed as differing: ${listed.get(name)}` : 'not in docs/differences.md').toBe(
    !listed.has(name),
  );
});

/** What the original made of it. The order of the keys is compared, but for `__exclude__`, which is no directory here. */
function outcome({ return: map, key_order: order, raises }: Expected): unknown {
  if (map === undefined || order === undefined) return { raises: raises?.text };
  return {
    excluded: map[excludeKey],
    directories: order.filter((key) => key !== excludeKey).map((key) => [key, map[key]]),
  };
}

/** What Stowage makes of it, in the same form. */
function compiled(bytes: Uint8Array, name: string): unknown {
  try {
    return asRecorded(compileMap(readJson(bytes), name));
  } catch (error) {
    if (!isStowageError(error, 'configuration')) throw error;
    return { raises: error.message.replace(/^bad pattern: /, '') };
  }
}

function asRecorded({ excluded, directories }: Section): unknown {
  const rules = [...directories].map(([directory, all]) => [
    directory,
    all.map(({ pattern, template, compiled }) => [pattern, template, compiled.groups]),
  ]);
  return { excluded: [...excluded].sort(), directories: rules };
}
