import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { discPool } from '../../../test/disc-pool.ts';
import { needing } from '../../../test/needing.ts';
import { eventsOf } from '../../../test/pool-run.ts';
import { findProgram } from '../../programs/find-program.ts';
import { isFailure } from '../pool-event.ts';
import { consistencyCheck } from './consistency-check.ts';
import { executeStore } from './execute-store.ts';
import { verifyDisc } from './verify-disc.ts';

const withXorriso = needing(findProgram('xorriso') !== undefined);

async function twoDays() {
  const pool = await discPool();
  for (const day of [17, 18]) {
    await pool.stage(day, 'one', { 'a.tar': `content of ${day}` });
    await eventsOf(executeStore(pool.on(day)));
  }
  const verify = async (options: Parameters<typeof verifyDisc>[1] = {}) => {
    const said = await eventsOf(verifyDisc(pool.on(18), options));
    return said.filter(isFailure).map(({ text }) => text);
  };
  const damage = (from: string, to: string) =>
    writeFileSync(pool.image, readFileSync(pool.image, 'latin1').replace(from, to), 'latin1');
  return { pool, verify, damage };
}

withXorriso.test('a disc is read back, also when nothing is staged any more; what is damaged is named', async () => {
  const { pool, verify, damage } = await twoDays();
  rmSync(pool.dayFolder(17), { recursive: true });
  for (const options of [{}, { allSessions: true }, { day: '2026/11/17' }]) expect(await verify(options)).toEqual([]);
  damage('content of 17', 'c0ntent of 17');
  const wrong = "'2026/11/17/one/a.tar' on the disc: its content is not what was stored";
  expect(await verify()).toEqual([wrong]);
  expect(await verify({ day: '2026/11/17' })).toEqual([wrong]);
  expect(await verify({ day: '2026/11/18' })).toEqual([]);
  expect((await verify({ allSessions: true })).join('\n')).toContain('2026/11/17/one/a.tar');
});

withXorriso.test('what no record speaks of is found by the checksums of all sessions', async () => {
  const { pool, verify, damage } = await twoDays();
  rmSync(`${pool.on(18).stateDir}/stored`, { recursive: true });
  await expect(verify()).rejects.toMatchObject({ code: 'missing' });
  expect(await verify({ allSessions: true })).toEqual([]);
  damage('content of 18', 'c0ntent of 18');
  expect((await verify({ allSessions: true })).join('\n')).toContain('2026/11/18/one/a.tar');
});

withXorriso.test(
  'a staged day is compared with the disc: content, what is missing there, and what is there alone',
  async () => {
    const { pool, damage } = await twoDays();
    const folder = pool.dayFolder(18);
    const check = () => consistencyCheck(pool.on(18), new Map([[folder, '2026/11/18']]));
    await check();
    writeFileSync(`${folder}/one/b.tar`, 'new');
    await expect(check()).rejects.toThrow("'2026/11/18/one/b.tar' on the disc: it is not there");
    rmSync(`${folder}/one/b.tar`);
    const whole = readFileSync(pool.image);
    damage('content of 18', 'c0ntent of 18');
    await expect(check()).rejects.toThrow("'2026/11/18/one/a.tar' on the disc: its content is not what was staged");
    writeFileSync(pool.image, whole);
    rmSync(`${folder}/one/a.tar`);
    await expect(check()).rejects.toThrow("'2026/11/18/one/a.tar' on the disc: it is in no staged directory");
  },
);
