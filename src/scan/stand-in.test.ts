import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { standIn } from './stand-in.ts';
import { walk } from './walk.ts';
import { workOf } from './work.ts';

const home = process.cwd();
afterEach(() => process.chdir(home));

/** Two folders, and this process in the first. */
async function between() {
  const root = await scratchFolder();
  for (const name of ['before', 'tree']) mkdirSync(`${root}/${name}`);
  writeFileSync(`${root}/before/here`, '');
  process.chdir(`${root}/before`);
  return { root, tree: `${root}/tree` };
}

const onLinux = needing(process.platform === 'linux');

onLinux.test('what lies below is looked at from there, and all is as it was afterwards', async () => {
  const { tree } = await between();
  writeFileSync(`${tree}/there`, '');
  const leave = standIn(tree);
  expect(readdirSync('.')).toEqual(['there']);
  leave!();
  expect(readdirSync('.')).toEqual(['here']);
});

onLinux.test('who comes back is where it was, whatever that is called by then', async () => {
  const { root, tree } = await between();
  const leave = standIn(tree);
  renameSync(`${root}/before`, `${root}/renamed`);
  mkdirSync(`${root}/before`);
  leave!();
  expect(readdirSync('.')).toEqual(['here']);
  expect(process.cwd()).toBe(`${root}/renamed`);
});

test.each(['/nowhere', '/dev/null', 'bad-\udcff'])(
  'where it cannot be done nothing has changed: %j',
  async (folder) => {
    await between();
    expect(standIn(folder)).toBeUndefined();
    expect(readdirSync('.')).toEqual(['here']);
  },
);

onLinux.test('even a folder that was removed is come back to', async () => {
  const { tree } = await between();
  const gone = mkdtempSync(`${tmpdir()}/stowage-test-`);
  process.chdir(gone);
  rmSync(gone, { recursive: true });
  const leave = standIn(tree);
  expect(process.cwd()).toBe(tree);
  leave!();
  expect(() => process.cwd()).toThrow('ENOENT');
});

onLinux.test('a walk sees the same from there', async () => {
  const { tree } = await between();
  for (const folder of ['a/deep', 'ü b', 'empty']) mkdirSync(`${tree}/${folder}`, { recursive: true });
  for (const file of ['top', 'a/one', 'a/deep/two', 'ü b/three,"', '-x']) writeFileSync(`${tree}/${file}`, file);
  const order = { roots: [tree], work: workOf('directories', 0, '', ['']), milliseconds: 60_000, bytes: 1 << 20 };
  const whole = walk(order);
  const leave = standIn(tree);
  const below = walk({ ...order, standsIn: 0 });
  leave!();
  expect(Buffer.from(below.lines).toString()).toBe(Buffer.from(whole.lines).toString());
  expect(below.rows).toBe(10);
  // And really looks from there.
  expect(walk({ ...order, standsIn: 0 }).rows).toBe(1);
});
