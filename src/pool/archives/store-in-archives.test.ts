import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type DayPool, dayPool } from '../../../test/day-pool.ts';
import { eventsOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { vaultPool } from '../../../test/vault-pool.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { executeRebuild } from '../discs/execute-rebuild.ts';
import { executeStore, type StoreOptions } from '../discs/execute-store.ts';
import { executePurge } from '../purge/purge.ts';
import { restoreStaged } from '../search/restore-staged.ts';
import { storedRecords } from '../stored/stored-record.ts';

const store = (pool: DayPool, day: number, options: StoreOptions = {}, full = false) =>
  eventsOf(executeStore(pool.on(day, { full }), options));

/** The archives that there are, with what tar lists in each. */
function archived(pool: DayPool): Readonly<Record<string, readonly string[]>> {
  const vault = `${pool.root}/vault`;
  const found = readdirSync(vault, { recursive: true, encoding: 'utf8' }).filter((name) => /^\d.*\.tar$/.test(name));
  return Object.fromEntries(found.sort().map((name) => [name, members(`${vault}/${name}`)]));
}

function members(path: string): readonly string[] {
  const lines = execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).trim().split('\n');
  return lines.filter((line) => !line.endsWith('/')).sort();
}

test('a day is in the store, an archive for each peer, recorded and marked; a peer that comes late is added', async () => {
  const pool = await vaultPool('<check_data>Y</check_data>');
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  const said = await store(pool, 18);
  expect(said.at(-1)).toMatchObject({ deed: 'done', files: 1, bytes: 3 });
  expect(archived(pool)).toEqual({ '2026/11/18/one.tar': ['one/a.tar'] });
  expect(pool.isStored(18)).toBe(true);
  await expect(store(pool, 18)).rejects.toMatchObject({ code: 'missing' });

  await pool.stage(18, 'two', { 'b.tar': 'bbb' });
  expect(pool.isStored(18)).toBe(false);
  const before = statSync(`${pool.root}/vault/2026/11/18/one.tar`).ino;
  await store(pool, 18);
  expect(pool.isStored(18)).toBe(true);
  expect(Object.keys(archived(pool))).toEqual(['one', 'two'].map((peer) => `2026/11/18/${peer}.tar`));
  // What was there is not written once more.
  expect(statSync(`${pool.root}/vault/2026/11/18/one.tar`).ino).toBe(before);
  const records = await storedRecords(pool.on(18).stateDir, '2026/11/18');
  expect(records.map(({ archives, members }) => [archives?.target, [...members.keys()]])).toEqual([
    [`dir:${pool.root}/vault`, ['one/a.tar']],
    [`dir:${pool.root}/vault`, ['one/a.tar', 'two/b.tar']],
  ]);
  expect(records[1]?.members.get('two/b.tar')?.sha256).toMatch(/^3e744b9dc39389baf0c5a0660589b8402f3dbb49/);
});

test('of a peer that is staged again what came and what changed is in an archive of its own, beside the first', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa', 'c.tar': 'ccc' });
  await store(pool, 18);
  const first = readFileSync(`${pool.vault}/2026/11/18/one.tar`);
  await pool.stage(18, 'one', { 'a.tar': 'newer' });
  rmSync(`${pool.dayFolder(18)}/one/c.tar`);
  await store(pool, 18);
  expect(archived(pool)).toEqual({
    '2026/11/18/one.tar': ['one/a.tar', 'one/c.tar'],
    '2026/11/18/one/2.tar': ['one/a.tar', 'one/a.tar.earlier-1'],
  });
  expect(readFileSync(`${pool.vault}/2026/11/18/one.tar`).equals(first)).toBe(true);
  expect(pool.isStored(18)).toBe(true);
  const to = await scratchFolder();
  rmSync(pool.dayFolder(18), { recursive: true });
  await eventsOf(restoreStaged(pool.on(19), ['a.tar', 'c.tar'], { to }));
  expect(['a.tar', 'c.tar'].map((name) => readFileSync(`${to}/${name}`, 'utf8'))).toEqual(['newer', 'ccc']);
});

test('a peer that is staged anew after its day was stored and purged takes nothing from the store', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'incr.tar': 'of the morning' });
  await store(pool, 18);
  await eventsOf(executePurge(pool.on(18)));
  await pool.stage(18, 'one', { 'incr.tar': 'of the evening' });
  await store(pool, 18);
  const contents = ['one.tar', 'one/2.tar'].map((name) =>
    execFileSync('tar', ['-xOf', `${pool.vault}/2026/11/18/${name}`, 'one/incr.tar'], { encoding: 'utf8' }),
  );
  expect(contents).toEqual(['of the morning', 'of the evening']);
});

test('a file of the same size and time that holds something else now is stored too', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  await store(pool, 18);
  const { mtimeNs } = statSync(`${pool.root}/one/a.tar`, { bigint: true });
  writeFileSync(`${pool.root}/one/a.tar`, 'bbb');
  await realFiles.setAttributes(`${pool.root}/one/a.tar`, { mtimeNs });
  await eventsOf(executePurge(pool.on(18)));
  await pool.stage(18, 'one', {});
  await store(pool, 18);
  expect(archived(pool)).toHaveProperty(['2026/11/18/one/2.tar'], ['one/a.tar']);
  expect(pool.isStored(18)).toBe(true);
});

test('an archive that is damaged or is not ours is left as it is, and the day is stored beside it', async () => {
  const pool = await vaultPool();
  mkdirSync(`${pool.vault}/2026/11/18`, { recursive: true });
  writeFileSync(`${pool.vault}/2026/11/18/one.tar`, 'somebody else');
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  await store(pool, 18).catch(() => undefined);
  expect(readFileSync(`${pool.vault}/2026/11/18/one.tar`, 'utf8')).toBe('somebody else');
  expect(members(`${pool.vault}/2026/11/18/one/2.tar`)).toEqual(['one/a.tar']);
  writeFileSync(`${pool.vault}/2026/11/18/one/2.tar`, 'changed by somebody');
  await eventsOf(executeRebuild(pool.on(18))).catch(() => undefined);
  expect(readFileSync(`${pool.vault}/2026/11/18/one/2.tar`, 'utf8')).toBe('changed by somebody');
  expect(members(`${pool.vault}/2026/11/18/one/3.tar`)).toEqual(['one/a.tar']);
});

test('what is purged comes back from the store', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.txt': 'content of a' });
  await eventsOf(executePurge(pool.on(18)));
  expect(existsSync(pool.dayFolder(18))).toBe(true);
  await store(pool, 18);
  await eventsOf(executePurge(pool.on(18)));
  expect(existsSync(pool.dayFolder(18))).toBe(false);
  const to = await scratchFolder();
  const said = await eventsOf(restoreStaged(pool.on(19), ['a.txt'], { to }));
  expect(said.map(({ deed }) => deed)).toEqual(['restored']);
  expect(readFileSync(`${to}/a.txt`, 'utf8')).toBe('content of a');
});

test('a staged file that was damaged since is named; nothing of its peer is stored, nothing marked', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  const path = `${pool.dayFolder(18)}/one/a.tar`;
  const { mtimeNs } = statSync(path, { bigint: true });
  writeFileSync(path, 'aXa');
  await realFiles.setAttributes(path, { mtimeNs });
  await expect(store(pool, 18)).rejects.toMatchObject({
    code: 'corrupt',
    message: `'${path}' is not what was staged: it was damaged since`,
  });
  expect([archived(pool), pool.isStored(18)]).toEqual([{}, false]);
});

test('what is staged while the day is stored is not taken for stored', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  let late = false;
  const files: FileOperations = {
    ...realFiles,
    async link(from, to) {
      await realFiles.link(from, to);
      if (!to.endsWith('/vault/2026/11/18/one.tar') || late) return;
      late = true;
      await pool.stage(18, 'two', { 'b.tar': 'bbb' });
    },
  };
  await expect(eventsOf(executeStore(pool.on(18, { files })))).rejects.toMatchObject({ code: 'changed' });
  expect([late, pool.isStored(18)]).toEqual([true, false]);
  await store(pool, 18);
  expect([Object.keys(archived(pool)).length, pool.isStored(18)]).toEqual([2, true]);
});

test('older days are told, and stored to catch up; a rebuild brings back what the store lost', async () => {
  const pool = await vaultPool();
  for (const day of [10, 17, 18]) await pool.stage(day, 'one', { 'a.tar': `of ${day}` });
  const said = await store(pool, 18);
  expect(said.filter(({ level }) => level === 'warning').map(({ day }) => day)).toEqual(['2026/11/10', '2026/11/17']);
  await store(pool, 18, { catchUp: true });
  expect([10, 17, 18].map((day) => pool.isStored(day))).toEqual([true, true, true]);
  rmSync(`${pool.root}/vault/2026/11/17/one.tar`);
  await eventsOf(executeRebuild(pool.on(18)));
  expect(archived(pool)).toHaveProperty(['2026/11/17/one.tar'], ['one/a.tar']);
});

test.each([
  ['that is not there', (vault: string) => rmSync(vault, { recursive: true }), 'unavailable'],
  ['that is a file', (vault: string) => [rmSync(vault, { recursive: true }), writeFileSync(vault, '')], 'unavailable'],
])('a store %s is an error, and nothing is marked', async (_, spoil, code) => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  spoil(`${pool.root}/vault`);
  await expect(store(pool, 18)).rejects.toMatchObject({ code });
  expect(pool.isStored(18)).toBe(false);
});

test('a store inside the staging directory is refused', async () => {
  const pool = await dayPool('<target>dir:@ROOT@/stage/vault</target>');
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  await expect(store(pool, 18)).rejects.toMatchObject({ code: 'configuration' });
});

test('another pool with the same store is refused: its days have the same names', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  await store(pool, 18);
  const other = await dayPool(`<target>dir:${pool.root}/vault</target>`);
  await other.stage(18, 'one', { 'a.tar': 'another' });
  await expect(store(other, 18)).rejects.toMatchObject({ code: 'mismatch' });
  expect(other.isStored(18)).toBe(false);
});
