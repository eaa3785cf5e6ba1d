import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { breaches } from './breaches.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function repository(): ReadonlyMap<string, string> {
  const paths = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

test('the house stands as it was designed', () => {
  const files = repository();
  expect(files.size).toBeGreaterThan(50);
  expect(breaches(files)).toEqual([]);
});

test.each([
  [
    'a sound house',
    {
      'src/pack/a.ts': "import { b } from '../durable/b.ts';",
      'src/durable/b.ts': "import { E } from '../errors.ts';",
    },
  ],
  ['types for report', { 'src/report/a.ts': "import type { Event } from '../verbs/events.ts';" }],
  [
    'a test beside its source',
    { 'src/rules/a.test.ts': "import { spawn } from 'node:child_process'; import { x } from '../cli/main.ts';" },
  ],
  ['the sandbox for the command line', { 'src/cli/a.ts': "await import('../sandbox/start.ts');" }],
  ['a system of its own for a drop-in', { 'src/dropins/alien/a.ts': "import { g } from '../../grid/g.ts';" }],
  ['the version', { 'src/version.ts': "import manifest from '../package.json' with { type: 'json' };" }],
  ['the helper that may skip', { 'test/needing.ts': 'test.skipIf(true);' }],
  ['the end of the process', { 'src/cli/main.ts': 'process.exit(3);' }],
  ['a protocol from both ends', { 'src/grid/a.ts': "import 'ws';", 'src/sandbox/jalien/b.ts': "import 'ws';" }],
  ['a package for one folder', { 'src/rules/a.ts': "import 'zod';", 'src/rules/b.ts': "import 'zod/v4';" }],
  [
    'a property that is called like an impure thing',
    { 'src/plan/a.ts': 'export const x = row.process.fetch + new Date(3).getTime();' },
  ],
])('may be: %s', (_, files) => {
  expect(breaches(new Map(Object.entries(files)))).toEqual([]);
});

test.each([
  ["'store' may not import", { 'src/store/a.ts': "import { b } from '../pack/b.ts';" }],
  ["'pack' may not import verbs/b.ts", { 'src/pack/a.ts': "export * from '../verbs/b.ts';" }],
  ["'scan' may not import rules/b.ts", { 'src/scan/a.ts': "const b = await import('../rules/b.ts');" }],
  ["'plan' may not import catalog/b.ts", { 'src/plan/a.ts': "import type { B } from '../catalog/b.ts';" }],
  ["'rules' may not import plan/b.ts", { 'src/rules/a.ts': "let b: import('../plan/b.ts').B;" }],
  ["'model' may not import durable", { 'src/model/a.ts': "import { d } from '../durable/d.ts';" }],
  ["'errors.ts' may not import model", { 'src/errors.ts': "import { d } from './model/d.ts';" }],
  ["'model' may not import version.ts", { 'src/model/a.ts': "import { version } from '../version.ts';" }],
  [
    "'report' may not import verbs/events.ts other than by import type",
    { 'src/report/a.ts': "import { type Event } from '../verbs/events.ts';" },
  ],
  ["'cli' may not import sandbox/hsi.ts", { 'src/cli/a.ts': "import '../sandbox/hsi.ts';" }],
  ["'cli' may not import catalog", { 'src/cli/a.ts': "import { c } from '../catalog/c.ts';" }],
  ["'sandbox' may not import hpss", { 'src/sandbox/a.ts': "import { h } from '../hpss/h.ts';" }],
  ["'dropins/alien' may not import hpss", { 'src/dropins/alien/a.ts': "import { h } from '../../hpss/h.ts';" }],
  [
    "'dropins/alien' may not import dropins/hpsspy",
    { 'src/dropins/alien/a.ts': "import { h } from '../hpsspy/h.ts';" },
  ],
  ["'verbs' may not import index.ts", { 'src/verbs/a.ts': "import { h } from '../index.ts';" }],
  ["'verbs' may not import open.ts", { 'src/verbs/archive/a.ts': "import { h } from '../../open.ts';" }],
  ["'attic' is not in the table", { 'src/attic/a.ts': '' }],
  ["'loose.ts' is not in the table", { 'src/loose.ts': '' }],
  ['imports the test file src/pack/test-archive.ts', { 'src/pack/a.ts': "import './test-archive.ts';" }],
  ['imports the test file test/needing.ts', { 'src/pack/a.ts': "import '../../test/needing.ts';" }],
  ["'rules' is pure and may not import node:fs", { 'src/rules/a.ts': "import { readFileSync } from 'node:fs';" }],
  [
    "'plan' is pure and may not import node:timers/promises",
    { 'src/plan/a.ts': "await import('node:timers/promises');" },
  ],
  ["'plan' is pure and may not use Date.now", { 'src/plan/a.ts': 'const now = Date.now();' }],
  ["'plan' is pure and may not use new Date()", { 'src/plan/a.ts': 'const now = new Date();' }],
  ["'rules' is pure and may not use process", { 'src/rules/a.ts': 'const home = process.env.HOME;' }],
  ["'model' is pure and may not use setTimeout", { 'src/model/a.ts': 'setTimeout(() => {}, 1);' }],
  ['runs a program by itself', { 'src/hpss/a.ts': "import { spawn } from 'node:child_process';" }],
  ['changes the disk by renameSync', { 'src/stores/a.ts': "import { renameSync as move } from 'node:fs';" }],
  ['changes the disk by fs.rm', { 'src/stores/a.ts': "import * as fs from 'node:fs/promises'; await fs.rm('x');" }],
  ['needs no exception for rm any more', { 'src/verbs/rebuild/rebuild-catalog.ts': '' }],
  ['ends the process by process.exit', { 'src/cli/exit.ts': 'process.exit(1);' }],
  ['imports exit from node:process', { 'src/verbs/a.ts': "import { exit as stop } from 'node:process';" }],
  ['imports path without node:', { 'src/pack/a.ts': "import { join } from 'path';" }],
  ['.skip outside of', { 'src/pack/a.test.ts': "test.skip('x', () => {});" }],
  ['.only outside of', { 'test/cli/a.test.ts': "describe.only('x', () => {});" }],
  ['.todo outside of', { 'src/pack/a.test.ts': "it.todo('x');" }],
  ['.skipIf outside of', { 'src/pack/a.test.ts': "test.skipIf(absent).each([1])('x', () => {});" }],
  ['{ skip: true } outside of', { 'src/pack/a.test.ts': "test('x', { skip: true }, () => {});" }],
  ["'utils' says nothing", { 'src/pack/utils.ts': '' }],
  ["'common' says nothing", { 'src/pack/common/a.ts': '' }],
  [
    'the package zod is imported by pack and rules',
    { 'src/rules/a.ts': "import 'zod';", 'src/pack/a.ts': "await import('zod/v4');" },
  ],
  [
    'the package ws is imported by pool and sandbox',
    { 'src/pool/a.ts': "import 'ws';", 'src/sandbox/a.ts': "import 'ws';" },
  ],
  [
    'the package @a/b is imported by cli and rules',
    { 'src/rules/a.ts': "import '@a/b/c';", 'src/cli/a.ts': "import '@a/b';" },
  ],
  [
    'a ring of imports: src/pack/a.ts → src/pack/b.ts → src/pack/c.ts → src/pack/a.ts',
    {
      'src/pack/b.ts': "import './c.ts';",
      'src/pack/c.ts': "import type { A } from './a.ts';",
      'src/pack/a.ts': "export * from './b.ts';",
    },
  ],
])('may not be: %s', (expected, files) => {
  const found = breaches(new Map(Object.entries(files as Record<string, string>)));
  expect(found).toEqual([expect.stringContaining(expected)]);
});
