import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type DayPool, dayPool } from '../../test/day-pool.ts';
import { hpssPlace } from '../../test/hpss-place.ts';
import { eventsOf } from '../../test/pool-run.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { vaultPool } from '../../test/vault-pool.ts';
import { executeRelearn } from '../pool/archives/relearn.ts';
import { executeStore } from '../pool/discs/execute-store.ts';
import { isFailure, type PoolEvent } from '../pool/pool-event.ts';
import { executePurge } from '../pool/purge/purge.ts';
import { listStaged } from '../pool/search/list-staged.ts';
import { restoreStaged } from '../pool/search/restore-staged.ts';
import { executeValidate } from '../pool/validate.ts';
import { verifyStored } from '../pool/verify-stored.ts';

const store = (pool: DayPool, day: number) => eventsOf(executeStore(pool.on(day)));
const failures = (events: readonly PoolEvent[]) => events.filter(isFailure).map(({ text }) => text);

async function restored(pool: DayPool, name: string): Promise<string> {
  const to = await scratchFolder();
  expect(failures(await eventsOf(restoreStaged(pool.on(28), [name], { to })))).toEqual([]);
  return readFileSync(`${to}/${name}`, 'utf8');
}

test('what is stored is verified: what is damaged, and what is gone, is named', async () => {
  const pool = await vaultPool();
  for (const day of [16, 17, 18]) await pool.stage(day, 'one', { 'a.txt': `of ${day}` });
  for (const day of [16, 17, 18]) await store(pool, day);
  const well = await eventsOf(verifyStored(pool.on(18), {}));
  expect([well.at(-1)?.text, failures(well)]).toEqual([
    `3 archives of 3 days in dir:${pool.vault} are as they were stored`,
    [],
  ]);
  const path = `${pool.vault}/2026/11/16/one.tar`;
  writeFileSync(path, readFileSync(path).toString('latin1').replace('of 16', 'of XX'), 'latin1');
  rmSync(`${pool.vault}/2026/11/17/one.tar`);
  const bad = failures(await eventsOf(verifyStored(pool.on(18), { level: 'read' })));
  expect(bad).toHaveLength(2);
  expect(bad[0]).toMatch(/^\[2026\/11\/16\/one\.tar\] is damaged: /);
  expect(bad[1]).toMatch(/^\[2026\/11\/17\/one\.tar\] is missing: /);
  expect(failures(await eventsOf(verifyStored(pool.on(18), { day: '2026/11/18' })))).toEqual([]);
});

test('nothing is verified that is not recorded', async () => {
  const pool = await vaultPool();
  await expect(eventsOf(verifyStored(pool.on(18), {}))).rejects.toMatchObject({ code: 'missing' });
});

test('with all of its state lost, a pool learns from the store what is in it', async () => {
  const pool = await vaultPool();
  for (const day of [17, 18]) await pool.stage(day, 'one', { 'a.txt': `of ${day}`, 'b c\n.txt': 'odd' });
  for (const day of [17, 18]) await store(pool, day);
  await eventsOf(executePurge(pool.on(18)));
  rmSync(`${pool.root}/work/.stowage`, { recursive: true });
  expect(failures(await eventsOf(listStaged(pool.on(19), ['a.txt'])))).toHaveLength(1);
  const said = await eventsOf(executeRelearn(pool.on(19)));
  expect(said.at(-1)).toMatchObject({ deed: 'done', files: 4 });
  expect((await eventsOf(listStaged(pool.on(19), ['a.txt']))).map(({ day }) => day)).toEqual([
    '2026/11/18',
    '2026/11/17',
  ]);
  expect(await restored(pool, 'b c\n.txt')).toBe('odd');
  expect(failures(await eventsOf(verifyStored(pool.on(19), {})))).toEqual([]);
  // Once more adds nothing, and a day goes on where it was.
  await eventsOf(executeRelearn(pool.on(19)));
  expect(await eventsOf(listStaged(pool.on(19), ['a.txt']))).toHaveLength(2);
  await pool.stage(18, 'two', { 'c.txt': 'late' });
  await store(pool, 18);
  expect(await restored(pool, 'c.txt')).toBe('late');
  expect(await restored(pool, 'a.txt')).toBe('of 18');
});

test('a day whose record was lost is not stored anew beside what is there', async () => {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.txt': 'a' });
  await store(pool, 18);
  rmSync(`${pool.root}/work/.stowage/archives`, { recursive: true });
  await pool.stage(18, 'two', { 'b.txt': 'b' });
  await expect(store(pool, 18)).rejects.toMatchObject({ code: 'mismatch', hint: expect.stringContaining('relearn') });
  await eventsOf(executeRelearn(pool.on(18)));
  await store(pool, 18);
  expect(pool.isStored(18)).toBe(true);
});

test('validate says that the store is not there', async () => {
  const pool = await vaultPool();
  const wrong = async () => failures(await eventsOf(executeValidate(pool.on(18)))).join('\n');
  expect(await wrong()).not.toContain('vault');
  rmSync(pool.vault, { recursive: true });
  expect(await wrong()).toContain(`the store dir:${pool.vault} does not exist`);
});

test('a day goes to HPSS, and comes back', async () => {
  const at = await hpssPlace({});
  const pool = await dayPool(
    `<target>hpss:${at.hpssRoot}</target><hpss><retry_wait_seconds>0</retry_wait_seconds></hpss>`,
  );
  await pool.stage(18, 'one', { 'a.txt': 'first' });
  await store(pool, 18);
  expect(pool.isStored(18)).toBe(true);
  expect(readFileSync(at.hpss.local(`${at.hpssRoot}/2026/11/18/one.tar`)).includes('first')).toBe(true);
  rmSync(pool.dayFolder(18), { recursive: true });
  expect(await restored(pool, 'a.txt')).toBe('first');
});

test('what is wrong with how a store is reached is said by its name', async () => {
  const pool = await dayPool('<target>hpss:/home/p/pool</target><hpss><sessions>99</sessions></hpss>');
  await pool.stage(18, 'one', { 'a.txt': 'first' });
  await expect(store(pool, 18)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(/hpss → sessions: .*from 2 to 15/),
  });
});
