import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type DayPool, dayPool } from '../../test/day-pool.ts';
import { countingFiles, isKilled, killedFiles } from '../../test/failing-files.ts';
import { gridPlace } from '../../test/grid-place.ts';
import { needing } from '../../test/needing.ts';
import { eventsOf } from '../../test/pool-run.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { hasXrootd } from '../../test/xrootd-servers.ts';
import { realFiles } from '../durable/real-files.ts';
import { executeRelearn } from '../pool/archives/relearn.ts';
import { executeStore } from '../pool/discs/execute-store.ts';
import { isFailure, type PoolEvent } from '../pool/pool-event.ts';
import { executePurge } from '../pool/purge/purge.ts';
import { listStaged } from '../pool/search/list-staged.ts';
import { restoreStaged } from '../pool/search/restore-staged.ts';
import { notStored } from '../pool/stored/not-stored.ts';
import { verifyStored } from '../pool/verify-stored.ts';
import { findProgram } from '../programs/find-program.ts';

/** A pool whose days go into a store of some kind. */
interface TargetPool {
  readonly pool: DayPool;
  /** As a user names it. */
  readonly target: string;
  /** Something that is another one when the store was written. */
  changes(): unknown;
  /** Damages what the archive of a peer holds, and keeps its size. */
  damage(day: number, peer: string): void;
}

const purge = '<purge><dir><abs_path>@ROOT@/stage</abs_path><retain_days>0</retain_days></dir></purge>';

async function onDisc(): Promise<TargetPool> {
  const pool = await dayPool('<target>disc:@ROOT@/vault.iso</target><disc><media>bd-r</media></disc>', purge);
  const image = `${pool.root}/vault.iso`;
  writeFileSync(image, '');
  return {
    ...{ pool, target: `disc:${image}` },
    changes: () => readFileSync(image).toString('base64'),
    damage: (day, peer) =>
      writeFileSync(image, readFileSync(image, 'latin1').replace(`${peer} of ${day}`, `${peer} 0f ${day}`), 'latin1'),
  };
}

async function onGrid(): Promise<TargetPool> {
  const { grid, lfn } = await gridPlace({}, [{ name: 'ONE' }, { name: 'TWO' }]);
  const pool = await dayPool(`<target>grid:${lfn}</target><grid><replicas>disk:2</replicas></grid>`, purge);
  return {
    ...{ pool, target: `grid:${lfn}` },
    changes: () => grid.central.requests.filter(({ command }) => /^(commit|mv|rm|access)$/.test(command)).length,
    damage: (day, peer) => {
      for (const name of ['ONE', 'TWO']) grid.corrupt(`${lfn}/2026/11/${day}/${peer}.tar`, name);
    },
  };
}

const targets = [
  ['a disc', needing(findProgram('xorriso') !== undefined), onDisc],
  ['the Grid', needing(hasXrootd), onGrid],
] as const;

const failures = (events: readonly PoolEvent[]) => events.filter(isFailure).map(({ text }) => text);
const store = (pool: DayPool, day: number) => eventsOf(executeStore(pool.on(day)));

async function restored(pool: DayPool, name: string, day: number): Promise<string> {
  const to = await scratchFolder();
  const path = `2026/11/${two(day)}`;
  expect(failures(await eventsOf(restoreStaged(pool.on(28), [name], { to, day: path })))).toEqual([]);
  return readFileSync(`${to}/${name}`, 'utf8');
}

for (const [name, { test }, open] of targets) {
  test(`days go to ${name}: marked, verified, listed, purged, restored, and known again when the state is lost`, async () => {
    const { pool, target, changes, damage } = await open();
    for (const day of [17, 18]) await pool.stage(day, 'one', { 'a.txt': `one of ${day} `.repeat(500) });
    for (const day of [17, 18]) await store(pool, day);
    expect([17, 18].map((day) => pool.isStored(day))).toEqual([true, true]);
    const before = changes();
    await expect(store(pool, 18)).rejects.toMatchObject({ code: 'missing' });
    expect(changes(), 'a second run writes nothing').toEqual(before);
    await pool.stage(18, 'two', { 'b.txt': `two of 18 ` });
    expect(pool.isStored(18)).toBe(false);
    await store(pool, 18);
    expect(pool.isStored(18)).toBe(true);
    for (const level of ['size', 'read'] as const)
      expect(failures(await eventsOf(verifyStored(pool.on(18), { level }))), level).toEqual([]);
    await eventsOf(executePurge(pool.on(18)));
    expect([17, 18].filter((day) => existsSync(pool.dayFolder(day)))).toEqual([]);
    const listed = await eventsOf(listStaged(pool.on(19), ['a.txt']));
    expect(listed.map(({ day, place }) => [day, place])).toEqual([18, 17].map((day) => [`2026/11/${day}`, target]));
    rmSync(`${pool.root}/work/.stowage`, { recursive: true });
    await eventsOf(executeRelearn(pool.on(19)));
    for (const day of [17, 18]) expect(await restored(pool, 'a.txt', day)).toBe(`one of ${day} `.repeat(500));
    expect(await restored(pool, 'b.txt', 18)).toBe('two of 18 ');
    damage(17, 'one');
    expect(failures(await eventsOf(verifyStored(pool.on(19), { level: 'read' })))).toEqual([
      expect.stringMatching(/^\[2026\/11\/17\/one\.tar\] is damaged: /),
    ]);
  });

  test(`killed on the way to ${name} a day is not marked before it is there, and the next run completes`, async () => {
    const { pool } = await open();
    const stage = (day: number) => pool.stage(day, 'one', { 'a.txt': `one of ${day} `.repeat(500) });
    const counted = countingFiles(realFiles);
    await stage(1);
    await eventsOf(executeStore(pool.on(1)));
    await stage(2);
    await eventsOf(executeStore(pool.on(2, { files: counted.files })));
    const moments = [
      ...[
        /^write .*\/journal\//,
        /^sync .*\/journal\//,
        /^rename .*vault\.iso$/,
        /^unlink .*\/(grid|vault\.iso\.spool)\/[^/]*tar/,
      ],
      ...[/^link .*\/stored\//, /^unlink .*cback\.store/, /^sync .*cback\.store/],
    ];
    const steps = moments.flatMap((moment) => {
      const found = [...counted.log.keys()].filter((at) => moment.test(counted.log[at]!));
      return [...new Set([found[0], found[found.length >> 1]])].flatMap((at) => (at === undefined ? [] : [at + 1]));
    });
    expect(steps.length).toBeGreaterThan(6);
    let killed = 0;
    for (const [index, at] of steps.entries()) {
      const day = 3 + index;
      const when = `step ${at}, ${counted.log[at - 1]}`;
      await stage(day);
      const run = pool.on(day, { files: killedFiles(realFiles, { at }) });
      const error = await eventsOf(executeStore(run)).catch((one: unknown) => one);
      if (isKilled(error)) killed += 1;
      else expect(pool.isStored(day), when).toBe(true);
      if (
        pool.isStored(day) ||
        (await notStored(pool.on(day), `2026/11/${two(day)}`, pool.dayFolder(day))) === undefined
      )
        expect(failures(await eventsOf(verifyStored(pool.on(day), { level: 'read' }))), when).toEqual([]);
      unlock(pool);
      if (!pool.isStored(day)) await store(pool, day);
      expect(pool.isStored(day), when).toBe(true);
    }
    expect(killed).toBeGreaterThan(steps.length / 2);
    expect(failures(await eventsOf(verifyStored(pool.on(28), { level: 'read' })))).toEqual([]);
    await eventsOf(executePurge(pool.on(28)));
    for (const index of steps.keys()) expect(existsSync(pool.dayFolder(3 + index))).toBe(false);
    expect(await restored(pool, 'a.txt', 3)).toBe('one of 3 '.repeat(500));
  });
}

const two = (day: number) => String(day).padStart(2, '0');

/** The process that held the locks lives on: it is ours. */
function unlock({ root }: DayPool): void {
  const state = `${root}/work/.stowage`;
  for (const path of [`${state}/store.lock`, `${root}/vault.iso.spool/session.lock`]) rmSync(path, { force: true });
  for (const one of readdirSync(`${state}/archives`))
    rmSync(`${state}/archives/${one}/lock`, { recursive: true, force: true });
}
