import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { isStowageError } from '../../src/errors.ts';
import { physicalDisks } from '../../src/hpss-entry.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { listedDifferences } from './differences.ts';

const folder = new URL('hpss/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.startsWith('disks-'));
const listed = listedDifferences();

interface Case {
  readonly tree: readonly { readonly path: string; readonly type?: string; readonly target?: string }[];
  readonly args: { readonly release_root: string; readonly config: { readonly root: string } };
}

test('there are cases, and every listed one is among them', () => {
  expect(names.length).toBeGreaterThan(10);
  for (const name of listed.keys()) if (name.startsWith('disks-')) expect(names).toContain(name);
});

test.each(names)('%s', async (name) => {
  const { seen, original } = await outcomes(name);
  const agrees = isDeepStrictEqual(seen, original);
  expect(
    agrees,
    listed.has(name) ? `listed as differing: ${listed.get(name)}` : `it gives ${JSON.stringify(seen)}`,
  ).toBe(!listed.has(name));
});

test('two disks that link to each other are an error that names both', async () => {
  const { error } = await outcomes('disks-link-cycle-2');
  expect(isStowageError(error, 'unavailable')).toBe(true);
  expect(String(error)).toContain('/baz0/data');
  expect(String(error)).toContain('/baz1/data');
});

/** What Stowage says, and what the original said; cases without a tree are about names alone, and nothing lies there. */
async function outcomes(name: string) {
  const work = await scratchFolder();
  const load = (file: string) =>
    JSON.parse(readFileSync(new URL(`${name}/${file}`, folder), 'utf8').replaceAll('@W@', work));
  const { tree, args } = load('case.json') as Case;
  const original = [...(load('expected.json') as { return_set: string[] }).return_set].sort();
  for (const { path, type, target } of tree) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    if (type === 'symlink') symlinkSync(target!, join(work, path));
    else writeFileSync(join(work, path), '12345');
  }
  try {
    return { seen: [...(await physicalDisks(args.release_root, args.config))].sort(), original };
  } catch (error) {
    return { seen: String(error), original, error };
  }
}
