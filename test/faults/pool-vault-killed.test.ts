import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { realFiles } from '../../src/durable/real-files.ts';
import { executeStore } from '../../src/pool/discs/execute-store.ts';
import { isFailure } from '../../src/pool/pool-event.ts';
import { executePurge } from '../../src/pool/purge/purge.ts';
import { notStored } from '../../src/pool/stored/not-stored.ts';
import { verifyStored } from '../../src/pool/verify-stored.ts';
import { countingFiles, failingFiles, isKilled, killedFiles, mayBeBeyond } from '../failing-files.ts';
import { eventsOf } from '../pool-run.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { type VaultPool, vaultPool } from '../vault-pool.ts';

/** A Wednesday of which one peer is stored and another one came since. `again` has everything as it was. */
async function place() {
  const pool = await vaultPool();
  await pool.stage(18, 'one', { 'a.tar': 'first '.repeat(2000) });
  await eventsOf(executeStore(pool.on(18)));
  await pool.stage(18, 'two', { 'b.tar': 'second '.repeat(2000) });
  const kept = await scratchFolder();
  execFileSync('cp', ['-a', `${pool.root}/.`, kept]);
  const again = () => {
    execFileSync('find', [pool.root, '-mindepth', '1', '-delete']);
    execFileSync('cp', ['-a', `${kept}/.`, pool.root]);
  };
  return { pool, again };
}

/** The process that held the locks lives on: it is ours. */
function unlock({ root }: VaultPool): void {
  const state = `${root}/work/.stowage`;
  rmSync(`${state}/store.lock`, { force: true });
  const archives = `${state}/archives`;
  if (existsSync(archives))
    for (const one of readdirSync(archives)) rmSync(`${archives}/${one}/lock`, { recursive: true, force: true });
}

const peersInVault = ({ vault }: VaultPool) => readdirSync(`${vault}/2026/11/18`).sort();

/** A day that is marked or recorded is in the store, and what is in the store is whole. */
async function requireHonest(pool: VaultPool, when: string): Promise<void> {
  const run = pool.on(18);
  expect((await eventsOf(verifyStored(run, {}))).filter(isFailure), when).toEqual([]);
  for (const name of peersInVault(pool)) execFileSync('tar', ['-tf', `${pool.vault}/2026/11/18/${name}`]);
  const isRecorded = (await notStored(run, '2026/11/18', pool.dayFolder(18))) === undefined;
  if (pool.isStored(18) || isRecorded) expect(peersInVault(pool), when).toEqual(['one.tar', 'two.tar']);
}

const debris = ({ vault }: VaultPool) =>
  existsSync(`${vault}/.stowage/tmp`) ? readdirSync(`${vault}/.stowage/tmp`) : [];

test('a peer that came late, killed or failed at any step, is not marked before it is in the store, and the next run completes', async () => {
  const { pool, again } = await place();
  const counted = countingFiles(realFiles);
  await eventsOf(executeStore(pool.on(18, { files: counted.files })));
  const { log } = counted;
  expect(log.length).toBeGreaterThan(20);
  for (const at of log.keys()) {
    const step = at + 1;
    const line = log[at]!.replace(pool.root, '');
    // Locks, and a listing, which only the next run looks at again, have tests of their own.
    if (!/ \/(vault|stage)\/|\/stored\/|\/journal\//.test(line)) continue;
    const when = `step ${step}, ${line}`;
    if (/^(link|unlink|rename|sync|setAttributes) /.test(line)) {
      again();
      const killed = pool.on(18, { files: killedFiles(realFiles, { at: step }) });
      const error = await eventsOf(executeStore(killed)).catch((one: unknown) => one);
      if (!isKilled(error)) expect(mayBeBeyond(log, step) || pool.isStored(18), when).toBe(true);
      await requireHonest(pool, when);
      unlock(pool);
      if (!pool.isStored(18)) await eventsOf(executeStore(pool.on(18)));
      expect(pool.isStored(18), when).toBe(true);
      await requireHonest(pool, when);
      expect(debris(pool), when).toEqual([]);
    }
    if (!/^(write|link) /.test(line)) continue;
    again();
    const full = pool.on(18, { files: failingFiles(realFiles, { at: step, error: 'ENOSPC' }) });
    await eventsOf(executeStore(full)).catch((one: unknown) => expect(one, when).toMatchObject({ code: 'full' }));
    await requireHonest(pool, when);
  }
  await eventsOf(executePurge(pool.on(18)));
  expect(existsSync(pool.dayFolder(18))).toBe(false);
});
