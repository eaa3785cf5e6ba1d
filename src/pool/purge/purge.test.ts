import { existsSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { eventsOf, poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { isFailure } from '../pool-event.ts';
import { dayContents } from '../stored/day-contents.ts';
import { recordStored } from '../stored/stored-record.ts';
import { executePurge } from './purge.ts';

const now = new Date(2026, 10, 18, 12);
let root: string;
const at = (path: string) => join(root, path);
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const put = (path: string, days: number, read = days) => {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), path);
  utimesSync(at(path), daysAgo(read), daysAgo(days));
};
const link = (path: string, target: string, days: number) => {
  symlinkSync(target, at(path));
  lutimesSync(at(path), daysAgo(days), daysAgo(days));
};
const dir = (path: string, days: number) =>
  `<dir><abs_path>@ROOT@/${path}</abs_path><retain_days>${days}</retain_days></dir>`;
const purge = (dirs: string, sections = '') =>
  eventsOf(executePurge(runOf(poolConfiguration(root, `${sections}<purge>${dirs}</purge>`), { now })));
const left = (path: string) => readdirSync(at(path), { recursive: true, encoding: 'utf8' }).sort();
const stage =
  '<stage><staging_dir>@ROOT@/stage</staging_dir><peer><name>p</name><type>local</type><collect_dir>@ROOT@/peer</collect_dir></peer></stage>';

beforeEach(async () => {
  root = await scratchFolder();
  for (const name of ['work', 'pg', 'stage', 'peer']) mkdirSync(at(name));
});

test('what is old goes, and directories that are empty then, however deep', async () => {
  put('pg/old', 8);
  put('pg/d/old', 8);
  put('pg/d2/new', 0);
  put('pg/edge', 6.99);
  put('pg/read', 30, 1);
  mkdirSync(at('pg/x/y/z'), { recursive: true });
  put('outside', 90);
  link('pg/oldlink', '../outside', 8);
  link('pg/dangling', 'nowhere', 8);
  link('pg/newlink', 'nowhere', 1);
  const events = await purge(dir('pg', 7));
  expect(left('pg')).toEqual(['d2', 'd2/new', 'edge', 'newlink', 'read']);
  expect(existsSync(at('outside'))).toBe(true);
  expect(events.at(-1)).toMatchObject({ deed: 'done', files: 4 });
  await purge(dir('pg', 0));
  expect(left('pg')).toEqual([]);
});

test('a day of which every file is in a record goes without an indicator', async () => {
  for (const day of ['01', '02']) {
    put(`stage/2026/11/${day}/p/a.tar`, 10);
    put(`stage/2026/11/${day}/cback.stage`, 10);
  }
  const run = runOf(poolConfiguration(root, `${stage}<purge>${dir('stage', 7)}</purge>`), { now });
  for (const day of ['2026/11/01', '2026/11/02']) {
    const members = dayContents(at(`stage/${day}`));
    await recordStored(run, { day, by: 'store', place: 'a disc', members });
  }
  // A peer came later.
  put('stage/2026/11/02/q/a.tar', 9);
  const events = await eventsOf(executePurge(run));
  expect(left('stage/2026/11').filter((name) => !name.includes('/'))).toEqual(['02']);
  expect(left('stage/2026/11/02')).toContain('p/a.tar');
  expect(events.filter((one) => one.deed === 'kept').map((one) => one.path)).toEqual([at('stage/2026/11/02')]);
});

test('a day goes only when it was stored after it was staged last', async () => {
  for (const day of ['01', '02', '03', '04']) {
    put(`stage/2026/11/${day}/p/a.tar`, 10);
    put(`stage/2026/11/${day}/cback.stage`, 10);
  }
  put('stage/2026/11/02/cback.store', 9.5);
  put('stage/2026/11/03/cback.amazons3', 9.5);
  // A peer came later.
  put('stage/2026/11/04/cback.store', 10.5);
  const events = await purge(dir('stage', 7), stage);
  expect(left('stage/2026/11').filter((name) => !name.includes('/'))).toEqual(['01', '04']);
  expect(left('stage/2026/11/01')).toEqual(['cback.stage', 'p', 'p/a.tar']);
  expect(events.filter((one) => one.deed === 'kept').map((one) => [one.path, one.reason])).toEqual([
    [at('stage/2026/11/01'), 'the day 2026/11/01 is not stored yet'],
    [at('stage/2026/11/04'), 'the day 2026/11/04 is not stored yet'],
  ]);
  expect(events.some(isFailure)).toBe(false);
});

test('a day that is kept because it is young is not worth a word', async () => {
  put('stage/2026/11/17/p/a.tar', 1);
  expect((await purge(dir('stage', 7), stage)).filter((one) => one.deed === 'kept')).toEqual([]);
});

test('from within a day, or from above it and through a link, the guard is the same', async () => {
  put('stage/2026/11/01/p/a.tar', 10);
  symlinkSync('stage', at('other-name'));
  const events = await purge(`${dir('other-name/2026/11/01/p', 0)}${dir('other-name', 0)}`, stage);
  expect(existsSync(at('stage/2026/11/01/p/a.tar'))).toBe(true);
  expect(events.filter((one) => one.deed === 'kept')).toHaveLength(2);
});

test('the indicators go last, and stay with what stays', async () => {
  put('stage/2026/11/01/cback.store', 10);
  put('stage/2026/11/01/p/young', 1);
  await purge(dir('stage', 7), stage);
  expect(left('stage/2026/11/01')).toEqual(['cback.store', 'p', 'p/young']);
});

test('a collect directory goes only when it was staged', async () => {
  put('peer/a.tar', 3);
  put('peer/cback.collect', 3);
  expect((await purge(dir('peer', 0), stage)).find((one) => one.deed === 'kept')?.reason).toContain('not staged yet');
  put('peer/cback.stage', 4);
  await purge(dir('peer', 0), stage);
  expect(left('peer')).toHaveLength(3);
  put('peer/cback.stage', 2);
  await purge(dir('peer', 0), stage);
  expect(left('peer')).toEqual([]);
});

test('a directory that is not there fails, and the next one is purged', async () => {
  put('pg/old', 8);
  const events = await purge(`${dir('absent', 7)}${dir('pg', 7)}`);
  expect(events.filter(isFailure).map((one) => one.path)).toEqual([at('absent')]);
  expect(left('pg')).toEqual([]);
});
