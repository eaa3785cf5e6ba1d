import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventsOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { vaultPool } from '../../../test/vault-pool.ts';
import { executeRelearn } from '../archives/relearn.ts';
import { executeStore } from '../discs/execute-store.ts';
import { isFailure } from '../pool-event.ts';
import { executePurge } from '../purge/purge.ts';
import { listStaged } from './list-staged.ts';
import { restoreStaged } from './restore-staged.ts';

/** A day that is collected, staged, stored and purged, time after time; each time the files say which it was. */
async function sameDay() {
  const pool = await vaultPool();
  const source = `${pool.root}/source/etc`;
  mkdirSync(source, { recursive: true });
  const stage = async (text: string) => {
    writeFileSync(`${source}/passwd`, text);
    writeFileSync(`${source}/only ${text}`, text);
    execFileSync('tar', ['-cf', `${pool.root}/one/etc.tar`, '-C', `${pool.root}/source`, 'etc']);
    rmSync(`${source}/only ${text}`);
    await pool.stage(18, 'one', { 'incr.txt': text, same: 'the same' });
  };
  const again = async (text: string) => {
    await stage(text);
    await eventsOf(executeStore(pool.on(18)));
    await eventsOf(executePurge(pool.on(18)));
  };
  const list = async (...names: readonly string[]) =>
    (await eventsOf(listStaged(pool.on(18), names))).map(({ text }) =>
      text.replace(/^2026\/11\/18 {2}one {2}/, '').replace(`  [dir:${pool.vault}]`, ' stored'),
    );
  const restore = async (...names: readonly string[]) => {
    const to = await scratchFolder();
    const events = await eventsOf(restoreStaged(pool.on(18), names, { to }));
    const files = readdirSync(to, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const back = files.map(({ parentPath, name }) => [
      `${parentPath}/${name}`.slice(to.length + 1),
      readFileSync(`${parentPath}/${name}`, 'utf8'),
    ]);
    return { events, back: Object.fromEntries(back) as Record<string, string> };
  };
  return { pool, stage, again, list, restore };
}

const time = expect.stringMatching(/^incr\.txt\.earlier-1, of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ stored$/);

test('of two files that had a name on a day, one after a purge, both are listed, and both can be had', async () => {
  const { again, list, restore } = await sameDay();
  await again('morning');
  await again('evening');
  expect(await list()).toEqual([
    'etc.tar stored',
    'incr.txt stored',
    'same stored',
    expect.stringMatching(/^etc\.tar\.earlier-1, of \S+Z stored$/),
    time,
  ]);
  expect(await list('incr.txt')).toEqual(['incr.txt stored', time]);
  expect(await list('/etc/passwd')).toEqual(['etc.tar  /etc/passwd stored', 'etc.tar.earlier-1  /etc/passwd stored']);

  const newest = await restore('incr.txt', 'same');
  expect(newest.back).toEqual({ 'incr.txt': 'evening', same: 'the same' });
  expect(newest.events.filter(({ deed }) => deed !== 'restored')).toEqual([
    expect.objectContaining({
      ...{ deed: 'told', level: 'info', path: 'incr.txt.earlier-1', day: '2026/11/18', peer: 'one' },
      text: expect.stringMatching(
        /^an older 'incr\.txt' of 2026\/11\/18 on 'one' is there too: incr\.txt\.earlier-1, of \S+Z; that name restores it$/,
      ),
    }),
  ]);
  const older = await restore('incr.txt.earlier-1');
  expect(older.back).toEqual({ 'incr.txt.earlier-1': 'morning' });
  expect(older.events.map(({ deed }) => deed)).toEqual(['restored']);
});

test('what is inside of archives comes from the newest, and that there is an older archive is told; a directory has what either has', async () => {
  const { again, restore } = await sameDay();
  await again('morning');
  await again('evening');
  const { back, events } = await restore('/etc/passwd');
  expect(back).toEqual({ 'etc/passwd': 'evening' });
  expect(events.filter(({ deed }) => deed === 'told').map(({ path }) => path)).toEqual(['etc.tar.earlier-1']);
  expect((await restore('/etc')).back).toEqual({
    ...{ 'etc/passwd': 'evening', 'etc/only evening': 'evening', 'etc/only morning': 'morning' },
  });
  const { 'etc.tar.earlier-1': tar } = (await restore('etc.tar.earlier-1')).back;
  expect(tar).toContain('morning');
});

test('what is staged anew and not stored yet hides nothing that is stored', async () => {
  const { again, stage, list, restore } = await sameDay();
  await again('morning');
  await stage('evening');
  expect(await list('incr.txt', 'same')).toEqual(['incr.txt', 'same', time]);
  expect((await restore('incr.txt', 'incr.txt.earlier-1')).back).toEqual({
    'incr.txt': 'evening',
    'incr.txt.earlier-1': 'morning',
  });
});

test('a file that came back is the newest again, and is told once', async () => {
  const { again, list, restore } = await sameDay();
  for (const text of ['first', 'second', 'third', 'first']) await again(text);
  const names = (await list('incr.txt')).map((text) => text.replace(/, of \S+/, ''));
  expect(names).toEqual(['incr.txt stored', 'incr.txt.earlier-1 stored', 'incr.txt.earlier-2 stored']);
  const all = await restore('incr.txt', 'incr.txt.earlier-1', 'incr.txt.earlier-2');
  expect(all.events.filter(isFailure)).toEqual([]);
  expect(all.back).toEqual({ 'incr.txt': 'first', 'incr.txt.earlier-1': 'second', 'incr.txt.earlier-2': 'third' });
});

test('what was kept beside a file when it was staged has its name already', async () => {
  const { pool, stage, list, restore } = await sameDay();
  for (const text of ['first', 'second']) {
    await stage(text);
    await eventsOf(executeStore(pool.on(18)));
  }
  const shown = ['incr.txt', 'incr.txt.earlier-1'];
  expect(await list('incr.txt')).toEqual(shown);
  await eventsOf(executePurge(pool.on(18)));
  expect(await list('incr.txt')).toEqual(shown.map((name) => `${name} stored`));
  const { back, events } = await restore('incr.txt');
  expect(back).toEqual({ 'incr.txt': 'second' });
  expect(events.at(-1)).toMatchObject({ deed: 'told', path: 'incr.txt.earlier-1' });
  expect((await restore('incr.txt.earlier-1')).back).toEqual({ 'incr.txt.earlier-1': 'first' });
});

test('where the state was lost, both are learnt from the store again', async () => {
  const { pool, again, list, restore } = await sameDay();
  await again('morning');
  await again('evening');
  const before = await list();
  rmSync(pool.on(18).stateDir, { recursive: true });
  // The second time there is nothing to learn.
  for (let time = 0; time < 2; time += 1) await eventsOf(executeRelearn(pool.on(18)));
  expect(await list()).toEqual(before);
  expect((await restore('incr.txt', 'incr.txt.earlier-1')).back).toEqual({
    'incr.txt': 'evening',
    'incr.txt.earlier-1': 'morning',
  });
  expect(readdirSync(`${pool.on(18).stateDir}/stored/2026/11/18`).length).toBe(2);
});
