import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { dayPool } from '../../../test/day-pool.ts';
import { needing } from '../../../test/needing.ts';
import { eventsOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { findProgram } from '../../programs/find-program.ts';
import { executeStore } from '../discs/execute-store.ts';
import { isFailure } from '../pool-event.ts';
import { executePurge } from '../purge/purge.ts';
import { listStaged } from '../search/list-staged.ts';
import { restoreStaged } from '../search/restore-staged.ts';
import { storedRecords } from './stored-record.ts';

const withXorriso = needing(findProgram('xorriso') !== undefined);

/** Days go to an image and into a directory; neither is there yet. */
async function bothPool() {
  const disc =
    '<media_type>dvd+rw</media_type><device_type>dvdwriter</device_type><target_device>@ROOT@/disc.iso</target_device>';
  const purge = '<purge><dir><abs_path>@ROOT@/stage</abs_path><retain_days>0</retain_days></dir></purge>';
  const pool = await dayPool(`<target>dir:@ROOT@/vault</target>${disc}`, purge);
  await pool.stage(18, 'one', { 'a.txt': 'content of a' });
  const [image, vault] = [`${pool.root}/disc.iso`, `${pool.root}/vault`];
  const make = { disc: () => writeFileSync(image, ''), vault: () => mkdirSync(vault) };
  return { ...pool, image, vault, make };
}

withXorriso.test('a day goes to the disc and into the store, and comes back from either', async () => {
  const pool = await bothPool();
  pool.make.disc();
  pool.make.vault();
  const said = await eventsOf(executeStore(pool.on(18)));
  expect(said.filter(({ deed }) => deed === 'done')).toHaveLength(2);
  expect(said.filter(isFailure)).toEqual([]);
  expect(pool.isStored(18)).toBe(true);
  await eventsOf(executePurge(pool.on(18)));
  expect(existsSync(pool.dayFolder(18))).toBe(false);
  const [found] = await eventsOf(listStaged(pool.on(19), ['a.txt']));
  expect(found?.place).toBe(`CEDAR BACKUP 18-NOV-2026 in ${pool.image}; dir:${pool.vault}`);
  rmSync(pool.vault, { recursive: true });
  const to = await scratchFolder();
  await eventsOf(restoreStaged(pool.on(19), ['a.txt'], { to }));
  expect(readFileSync(`${to}/a.txt`, 'utf8')).toBe('content of a');
});

withXorriso.test('without its disc it comes back from the store', async () => {
  const pool = await bothPool();
  pool.make.disc();
  pool.make.vault();
  await eventsOf(executeStore(pool.on(18)));
  await eventsOf(executePurge(pool.on(18)));
  rmSync(pool.image);
  const to = await scratchFolder();
  await eventsOf(restoreStaged(pool.on(19), ['a.txt'], { to }));
  expect(readFileSync(`${to}/a.txt`, 'utf8')).toBe('content of a');
});

withXorriso.test.each([
  ['disc', 'vault'],
  ['vault', 'disc'],
] as const)(
  'where the %s cannot be written, the %s is, and the day is marked and purged only with both',
  async (bad, good) => {
    const pool = await bothPool();
    pool.make[good]();
    await expect(eventsOf(executeStore(pool.on(18)))).rejects.toMatchObject({
      code: bad === 'disc' ? 'missing' : 'unavailable',
    });
    const records = await storedRecords(pool.on(18).stateDir, '2026/11/18');
    expect(records.map((one) => (one.disc === undefined ? 'vault' : 'disc'))).toEqual([good]);
    expect(pool.isStored(18)).toBe(false);
    const kept = await eventsOf(executePurge(pool.on(18)));
    expect(kept.map(({ reason }) => reason)).toContain('the day 2026/11/18 is not stored yet');
    pool.make[bad]();
    await eventsOf(executeStore(pool.on(18)));
    expect(pool.isStored(18)).toBe(true);
  },
);
