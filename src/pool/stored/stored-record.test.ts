import { mkdirSync, readdirSync, renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { realFiles } from '../../durable/real-files.ts';
import type { PoolRun } from '../pool-run.ts';
import { writeManifest } from '../staging/staged-manifest.ts';
import { dayContents } from './day-contents.ts';
import { notStored } from './not-stored.ts';
import { recordStored, storedRecords } from './stored-record.ts';

const day = '2026/11/18';
const moment = new Date('2026-11-18T09:30:00.123Z');
let root: string;
let run: PoolRun;
let folder: string;

beforeEach(async () => {
  root = await scratchFolder();
  folder = join(root, 'stage', day);
  run = runOf(poolConfiguration(root, '<purge/>'), { files: realFiles, stateDir: join(root, 'state'), now: moment });
  for (const name of ['alpha/a.tar', 'alpha/sub/b', 'alpha/cback.collect', 'cback.stage']) put(name, name);
  symlinkSync('a.tar', join(folder, 'alpha/link'));
});

function put(name: string, content: string, seconds = 1000) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
  utimesSync(join(folder, name), seconds, seconds);
}

function store(digests: ReadonlyMap<string, string> = new Map()) {
  return recordStored(run, { day, by: 'store', place: 'CEDAR BACKUP', members: dayContents(folder), digests });
}

const left = () => notStored(run, day, folder);

test('what a day holds is its files and links, without indicators', () => {
  expect([...dayContents(folder).keys()].sort()).toEqual(['alpha/a.tar', 'alpha/link', 'alpha/sub/b']);
});

test('a day without a record is not stored, nor one without anything in it', async () => {
  expect(await left()).toBe('alpha/a.tar');
  expect(await notStored(run, '2026/11/19', join(root, 'stage'))).toBeDefined();
});

test('a record comes back as it was written', async () => {
  const digests = new Map([['alpha/a.tar', 'ab'.repeat(32)]]);
  await store(digests);
  const [record] = await storedRecords(run.stateDir, day);
  expect(record).toMatchObject({ day, by: 'store', place: 'CEDAR BACKUP', storedAt: moment.toISOString() });
  expect(record?.members.get('alpha/a.tar')).toMatchObject({ bytes: 11, sha256: 'ab'.repeat(32) });
  expect(record?.members.get('alpha/link')).toMatchObject({ type: 'link', target: 'a.tar' });
  expect(await left()).toBeUndefined();
});

test.each<[string, () => void]>([
  ['came', () => put('alpha/new', 'x')],
  ['has another time', () => put('alpha/a.tar', 'alpha/a.tar', 1001)],
  ['has another size', () => put('alpha/a.tar', 'longer than that')],
  ['has another name', () => renameSync(join(folder, 'alpha/a.tar'), join(folder, 'alpha/c.tar'))],
  ['is of a peer that came', () => put('beta/a.tar', 'x')],
])('what %s after the day was stored is not stored, until the day is stored again', async (_, change) => {
  await store();
  change();
  expect(await left()).toBeDefined();
  await store();
  expect(await left()).toBeUndefined();
  expect(readdirSync(join(run.stateDir, 'stored', day))).toHaveLength(2);
});

test('what goes from a day leaves the rest stored', async () => {
  await store();
  renameSync(join(folder, 'alpha/a.tar'), join(root, 'gone'));
  expect(await left()).toBeUndefined();
});

test('what is staged again with the same size and time is another file by its digest', async () => {
  await store(new Map([['alpha/a.tar', 'ab'.repeat(32)]]));
  const stage = (sha256: string) => {
    const member = { ...dayContents(folder).get('alpha/a.tar')!, path: 'a.tar', sha256 };
    const head = { peer: 'alpha', day, stagedAt: 'now', collectDir: '/c', folder, provenByPeer: true };
    return writeManifest(realFiles, run.stateDir, { ...head, members: new Map([['a.tar', member]]) });
  };
  await stage('ab'.repeat(32));
  expect(await left()).toBeUndefined();
  await stage('cd'.repeat(32));
  expect(await left()).toBe('alpha/a.tar');
});

test('a record that is not whole is told, not taken for one', async () => {
  await store();
  const name = join(run.stateDir, 'stored', day, '20261118T093000123Z-1.jsonl');
  truncateSync(name, 300);
  await expect(left()).rejects.toMatchObject({ code: 'corrupt' });
});
