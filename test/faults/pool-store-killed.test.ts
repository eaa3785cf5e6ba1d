import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { expect } from 'vitest';
import { checkDisc } from '../../src/disc/check-disc.ts';
import { realFiles } from '../../src/durable/real-files.ts';
import { executeStore } from '../../src/pool/discs/execute-store.ts';
import { verifyDisc } from '../../src/pool/discs/verify-disc.ts';
import { isFailure } from '../../src/pool/pool-event.ts';
import { findProgram } from '../../src/programs/find-program.ts';
import { type DiscPool, discPool } from '../disc-pool.ts';
import { countingFiles, failingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { needing } from '../needing.ts';
import { eventsOf } from '../pool-run.ts';
import { scratchFolder } from '../scratch-folder.ts';

/** A Wednesday of which one peer is to be stored; if that was done, the other one. `again` has everything as it was. */
async function place(append: boolean) {
  const pool = await discPool();
  await pool.stage(18, 'one', { 'a.tar': 'first '.repeat(20_000) });
  if (append) await eventsOf(executeStore(pool.on(18)));
  if (append) await pool.stage(18, 'two', { 'b.tar': 'second '.repeat(20_000) });
  const kept = await scratchFolder();
  execFileSync('cp', ['-a', `${pool.root}/.`, kept]);
  const again = () => {
    execFileSync('find', [pool.root, '-mindepth', '1', '-delete']);
    execFileSync('cp', ['-a', `${kept}/.`, pool.root]);
  };
  return { pool, again };
}

/** The process that held the lock lives on: it is ours. */
function unlock({ root }: DiscPool): void {
  const lock = `${root}/work/.stowage/store.lock`;
  if (existsSync(lock)) unlinkSync(lock);
}

const faults = async (pool: DiscPool) => (await eventsOf(verifyDisc(pool.on(18)))).filter(isFailure);

/** A day that is marked is on the disc, as the record says; an image is never half. */
async function requireHonest(pool: DiscPool, append: boolean, when: string): Promise<void> {
  const isBlank = readFileSync(pool.image).length === 0;
  expect(isBlank && append, when).toBe(false);
  if (!isBlank) expect((await checkDisc(pool.image)).faults, when).toEqual([]);
  if (!pool.isStored(18)) return;
  expect(await pool.shown(), when).toHaveLength(append ? 2 : 1);
  expect(await faults(pool), when).toEqual([]);
}

needing(findProgram('xorriso') !== undefined).test.each([
  ['a first day', false],
  ['a peer that is appended', true],
])(
  '%s, killed or failed at any step, is not marked before it is on the disc, and the next run completes',
  async (_, append) => {
    const { pool, again } = await place(append);
    const counted = countingFiles(realFiles);
    await eventsOf(executeStore(pool.on(18, { files: counted.files })));
    // Each step of the writing of an image has its own test; here it is what comes around it.
    const published = counted.log.findIndex((line) => line.startsWith('rename') && line.endsWith(pool.image)) + 1;
    expect(published).toBeGreaterThan(4);
    for (const at of counted.log.keys()) {
      const step = at + 1;
      if (step > 1 && step < published) continue;
      if (!append && !/rename|cback/.test(counted.log[at]!)) continue;
      const line = counted.log[at]!.replace(pool.root, '');
      const when = `step ${step}, ${line}`;
      again();
      const killed = pool.on(18, { files: killedFiles(realFiles, { at: step }) });
      const error = await eventsOf(executeStore(killed)).catch((one: unknown) => one);
      // Once the lock goes all is done.
      if (line.includes('store.lock') && step > published) expect(pool.isStored(18), when).toBe(true);
      else expect(isKilled(error), when).toBe(true);
      await requireHonest(pool, append, when);
      unlock(pool);
      if (!pool.isStored(18)) await eventsOf(executeStore(pool.on(18)));
      expect(pool.isStored(18), when).toBe(true);
      await requireHonest(pool, append, when);
      if (!append || !/^(open|write|sync|rename)/.test(line)) continue;
      again();
      const full = pool.on(18, { files: failingFiles(realFiles, { at: step, error: 'ENOSPC' }) });
      await eventsOf(executeStore(full)).catch((one: unknown) => expect(one, when).toMatchObject({ code: 'full' }));
      await requireHonest(pool, append, when);
      expect(
        readdirSync(pool.root).filter((name) => name.startsWith('.')),
        when,
      ).toEqual([]);
    }
  },
);
