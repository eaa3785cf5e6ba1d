import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { discPool } from '../../../test/disc-pool.ts';
import { needing } from '../../../test/needing.ts';
import { eventsOf } from '../../../test/pool-run.ts';
import { findProgram } from '../../programs/find-program.ts';
import { executeStore } from '../discs/execute-store.ts';
import { isFailure } from '../pool-event.ts';
import { listStaged } from './list-staged.ts';
import { restoreStaged } from './restore-staged.ts';
import type { Where } from './staged-days.ts';

const withXorriso = needing(findProgram('xorriso') !== undefined);

/** Two weeks on two discs, of which the staging directory has nothing any more; and a day that is staged alone. */
async function twoWeeks() {
  const pool = await discPool();
  const source = `${pool.root}/source`;
  mkdirSync(`${source}/etc`, { recursive: true });
  const etc = (text: string) => {
    writeFileSync(`${source}/etc/passwd`, text, { mode: 0o640 });
    execFileSync('tar', ['-czf', `${pool.root}/one/etc.tar.gz`, '-C', source, 'etc']);
    return {};
  };
  for (const day of [9, 16]) {
    await pool.stage(day, 'one', { ...etc(`passwd of ${day}`), 'dump.txt': `dump of ${day}` });
    await eventsOf(executeStore(pool.on(day)));
    rmSync(pool.dayFolder(day), { recursive: true });
  }
  const to = `${pool.root}/back`;
  return {
    ...{ pool, to },
    list: async (names: readonly string[], where: Where = {}) =>
      (await eventsOf(listStaged(pool.on(18), names, where))).map(({ deed, text }) => `${deed}: ${text}`),
    restore: (names: readonly string[], where: Where = {}) => {
      rmSync(to, { recursive: true, force: true });
      mkdirSync(to);
      return eventsOf(restoreStaged(pool.on(18), names, { to, ...where }));
    },
    back: (path: string) => readFileSync(`${to}/${path}`, 'utf8'),
  };
}

withXorriso.test('what is stored and not staged any more is listed with its disc, and restored from it', async () => {
  const { pool, list, restore, back } = await twoWeeks();
  const place = (day: string) =>
    `[CEDAR BACKUP ${day}-NOV-2026 in ${day === '16' ? pool.image : `${pool.root}/disc-2026-11-09.iso`}]`;
  expect(await list([])).toEqual(
    [16, '09'].flatMap((day) =>
      ['dump.txt', 'etc.tar.gz'].map((name) => `found: 2026/11/${day}  one  ${name}  ${place(String(day))}`),
    ),
  );
  expect(await list(['/etc/passwd'])).toEqual(
    [16, '09'].map((day) => `found: 2026/11/${day}  one  etc.tar.gz  /etc/passwd  ${place(String(day))}`),
  );
  expect((await restore(['/etc/passwd', 'dump.txt'])).filter(isFailure)).toEqual([]);
  expect([back('etc/passwd'), back('dump.txt')]).toEqual(['passwd of 16', 'dump of 16']);
  // The disc of last week was set aside under another name; it is known by what it says of itself.
  expect((await restore(['/etc'], { day: '2026/11/09' })).filter(isFailure)).toEqual([]);
  expect(back('etc/passwd')).toBe('passwd of 9');
});

withXorriso.test('a disc that is not at hand is named; with its place it is found', async () => {
  const { pool, list, restore, back } = await twoWeeks();
  const away = `${pool.root}/shelf/week46.iso`;
  mkdirSync(`${pool.root}/shelf`);
  renameSync(`${pool.root}/disc-2026-11-09.iso`, away);
  const told = await restore(['dump.txt'], { day: '2026/11/09' });
  expect(told.filter(isFailure).map(({ text }) => text)).toEqual([
    `'2026/11/09/one/dump.txt' is on the disc [CEDAR BACKUP 09-NOV-2026], which is not in '${pool.image}' now (put it in, or name the image: --medium PATH)`,
  ]);
  const inside = await restore(['/etc/passwd'], { day: '2026/11/09' });
  expect(inside.filter(isFailure).map(({ text }) => text)).toEqual([
    expect.stringContaining("one/etc.tar.gz' is on the disc [CEDAR BACKUP 09-NOV-2026], which is not in"),
    "'/etc/passwd' is in nothing that can be looked into",
  ]);
  expect((await list(['/etc/passwd'])).at(-1)).toMatch(
    /^failed: \[CEDAR BACKUP 09-NOV-2026, not at hand; written in .* was not looked into/,
  );
  // What the newest disc has needs no older one.
  expect((await restore(['/etc/passwd'])).filter(isFailure)).toEqual([]);
  expect((await restore(['dump.txt'], { day: '2026/11/09', medium: away })).filter(isFailure)).toEqual([]);
  expect(back('dump.txt')).toBe('dump of 9');
});

withXorriso.test(
  'what is staged counts before what is stored, and what is damaged on a disc does not come back',
  async () => {
    const { pool, list, restore, back } = await twoWeeks();
    await pool.stage(18, 'one', { 'dump.txt': 'dump of 18' });
    await restore(['dump.txt']);
    expect(back('dump.txt')).toBe('dump of 18');
    expect((await list(['dump.txt']))[0]).toBe('found: 2026/11/18  one  dump.txt');
    const bytes = readFileSync(pool.image, 'latin1');
    writeFileSync(pool.image, bytes.replace('dump of 16', 'dump of 1X'), 'latin1');
    const told = await restore(['dump.txt'], { day: '2026/11/16' });
    expect(told.filter(isFailure)[0]?.text).toContain("'dump.txt' is not what was staged");
    expect(() => back('dump.txt')).toThrow('ENOENT');
  },
);
