import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type Place, place, plant, stowage, stowageJson } from '../stowage.ts';

/** What people get wrong on their first day, and what they are told. */
let at: Place;
beforeEach(async () => {
  at = await place({ d: { 'd/.*$': 'd.tar' } });
  plant(at.data, Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d/${index}`, String(index)])));
  await stowage('archive', at.config, 'data');
});

test('help for a command that there is not says so, and what is meant', async () => {
  const { status, out, err } = await stowage('help', 'verfy');
  expect([status, out]).toEqual([2, '']);
  expect(err).toContain("stowage: unknown command 'verfy'\n(Did you mean verify?)");
});

test.each([
  [['missing'], "missing required argument 'config'", 'stowage missing --help'],
  [['verify', 'c.json', '--lvl', 'size'], "unknown option '--lvl'", 'stowage verify --help'],
  [['completion', 'ksh'], "stowage: 'ksh' is invalid for argument 'shell'", 'stowage completion --help'],
  [['frobnicate'], "unknown command 'frobnicate'", 'stowage --help'],
])('%j leads to the help of what was called', async (argv, told, help) => {
  const { status, err } = await stowage(...argv);
  expect(status).toBe(2);
  expect(err).toContain(told);
  expect(err).toContain(`(${help} says what`);
});

test("restore: a path with the section's name before it is told to leave it out", async () => {
  const { status, err } = await stowage('restore', at.config, 'data', 'data/d/1');
  expect(status).toBe(1);
  expect(err).toContain("hint: paths are relative to the section: 'd/1'");
  const other = await stowage('restore', at.config, 'data', 'database/d');
  expect(other.err).toContain('hint: stowage find CONFIG PATTERN');
});

test.each([
  ['a file', (folder: string) => join(folder, 'file'), 'a part of the path is not a directory'],
  ['below a file', (folder: string) => join(folder, 'file/below'), 'a part of the path is not a directory'],
])('restore --to %s is told once, not for each file, and nothing is made', async (_, where, reason) => {
  writeFileSync(join(at.folder, 'file'), '');
  const before = readdirSync(at.folder);
  const { status, out, err } = await stowage('restore', at.config, 'data', '.', '--to', where(at.folder));
  expect([status, out]).toEqual([4, '']);

  expect(err).toContain(reason);
  expect(err).toMatch(/^stowage: cannot restore to '.*\n {2}hint: give --to a folder .*\n$/);
  expect(readdirSync(at.folder)).toEqual(before);
});

test('restore --to a folder that is not there makes it, with those above it', async () => {
  const to = join(at.folder, 'a/b');
  expect((await stowage('restore', at.config, 'data', 'd/1', '--to', to)).status).toBe(0);
  expect(existsSync(join(to, 'd/1'))).toBe(true);
});

test('restore with the state folder lost does not claim that no archive holds the file, and leads to rebuild-catalog', async () => {
  rmSync(at.state, { recursive: true });
  const { status, out, err } = await stowage('restore', at.config, 'data', 'd/1', '--to', join(at.folder, 'back'));
  expect([status, out]).toEqual([1, '']);
  expect(err).not.toContain('no archive');
  expect(err).toContain(`stowage: nothing is recorded of section 'data' in the state folder '${at.state}'`);
  expect(err).toContain('hint: if it was archived before: stowage rebuild-catalog CONFIG');

  expect((await stowage('rebuild-catalog', at.config)).status).toBe(0);
  expect((await stowage('restore', at.config, 'data', 'd/1', '--to', join(at.folder, 'back'))).status).toBe(0);
});

test('status with the state folder lost does not claim that nothing was ever archived, and leads to rebuild-catalog', async () => {
  const elsewhere = join(at.folder, 'elsewhere');
  renameSync(at.state, elsewhere);
  const lost = await stowage('status', at.config);
  expect(lost).toEqual({
    status: 0,
    out: `data: nothing is recorded in the state folder\n  never archived, or the record was lost; stowage rebuild-catalog ${at.config} learns from the store what it holds\n`,
    err: '',
  });
  expect(existsSync(at.state)).toBe(false);
  expect((await stowageJson('status', at.config)).events[0]).toMatchObject({ unrecorded: true, archives: 0 });
  const none = join(at.folder, 'none');
  expect((await stowage('status', at.config, 'data', '--state', none)).out).toContain(
    `stowage rebuild-catalog --state ${none} ${at.config} learns`,
  );

  const known = await stowageJson('status', at.config, '--state', elsewhere);
  expect(known.events[0]).toMatchObject({ archives: 1 });
  expect(known.events[0]).not.toHaveProperty('unrecorded');
  expect((await stowage('rebuild-catalog', at.config)).status).toBe(0);
  expect((await stowage('status', at.config)).out).toMatch(/^data: 1 archive, .*\n {2}last archived /);
});

test('status of what was learnt from archives alone says that no run of archive is recorded, not that they were never archived', async () => {
  rmSync(at.state, { recursive: true });
  rmSync(join(at.vault, '.stowage'), { recursive: true });
  expect((await stowage('rebuild-catalog', at.config)).status).toBe(0);
  const { out } = await stowage('status', at.config);
  expect(out).toMatch(/^data: 1 archive, .*\n {2}no run of archive is recorded\n {2}checked /);
});

test.each(['ls', 'du'])('%s with the state folder lost does not claim that nothing is archived', async (command) => {
  rmSync(at.state, { recursive: true });
  for (const path of [[], ['d/1']]) {
    const { status, out, err } = await stowage(command, at.config, 'data', ...path);
    expect([status, out]).toEqual([1, '']);
    expect(err).not.toContain('nothing is archived');
    expect(err).toContain(
      `stowage: nothing is recorded of section 'data' in the state folder '${at.state}'\n  hint: if`,
    );
  }
});
