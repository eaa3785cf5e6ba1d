import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { discPool } from '../../../test/disc-pool.ts';
import { needing } from '../../../test/needing.ts';
import { eventsOf } from '../../../test/pool-run.ts';
import { checkDisc } from '../../disc/check-disc.ts';
import { lookAtMedium } from '../../disc/look-at-medium.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { findProgram } from '../../programs/find-program.ts';
import { storedRecords } from '../stored/stored-record.ts';
import { executeInitialize } from './execute-initialize.ts';
import { executeRebuild } from './execute-rebuild.ts';
import { executeStore, type StoreOptions } from './execute-store.ts';

const withXorriso = needing(findProgram('xorriso') !== undefined);
type Pool = Awaited<ReturnType<typeof discPool>>;

const store = (pool: Pool, day: number, options: StoreOptions = {}, full = false) =>
  eventsOf(executeStore(pool.on(day, { full }), options));
const texts = async (events: ReturnType<typeof store>) => (await events).map(({ level, text }) => `${level}: ${text}`);

withXorriso.test('a day is on the disc, recorded and marked; a peer that comes late is appended', async () => {
  const pool = await discPool('<check_data>Y</check_data>');
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  await store(pool, 18);
  expect(await pool.shown()).toEqual(['2026/11/18/one/a.tar']);
  expect(pool.isStored(18)).toBe(true);
  await expect(store(pool, 18)).rejects.toMatchObject({ code: 'missing' });

  await pool.stage(18, 'two', { 'b.tar': 'bbb' });
  expect(pool.isStored(18)).toBe(false);
  await store(pool, 18);
  expect(pool.isStored(18)).toBe(true);
  expect(await pool.shown()).toEqual(['2026/11/18/one/a.tar', '2026/11/18/two/b.tar']);
  const { sessions, begun } = await lookAtMedium(pool.image);
  expect(sessions).toHaveLength(2);
  const records = await storedRecords(pool.on(18).stateDir, '2026/11/18');
  expect(records.map(({ disc, members }) => [disc?.label, disc?.begun, [...members.keys()]])).toEqual([
    [begun?.label, begun?.at, ['one/a.tar']],
    [begun?.label, begun?.at, ['one/a.tar', 'two/b.tar']],
  ]);
  expect(records[1]?.members.get('two/b.tar')?.sha256).toMatch(
    /^3e744b9dc39389baf0c5a0660589b8402f3dbb49b89b3e75f2c9355852a3c677/,
  );
  // What was there is not written once more.
  const blocks = (await lookAtMedium(pool.image)).shown.get('2026/11/18/one/a.tar')!.extents[0]!.block;
  expect(blocks).toBeLessThan(sessions[1]!.start);
  expect((await checkDisc(pool.image, { allSessions: true })).faults).toEqual([]);
});

withXorriso.test('a file of the day that is another one now is written once more, and shown', async () => {
  const pool = await discPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa', 'c.tar': 'ccc' });
  await store(pool, 18);
  await pool.stage(18, 'one', { 'a.tar': 'newer' });
  await store(pool, 18);
  expect(await pool.shown()).toEqual(['a.tar', 'a.tar.earlier-1', 'c.tar'].map((name) => `2026/11/18/one/${name}`));
  expect((await lookAtMedium(pool.image)).shown.get('2026/11/18/one/a.tar')?.bytes).toBe(5);
  expect(pool.isStored(18)).toBe(true);
});

withXorriso.test('a day that was purged and is staged once more hides nothing of what is on the disc', async () => {
  const pool = await discPool();
  await pool.stage(18, 'one', { 'incr.tar': 'of the morning', 'same.tar': 'same' });
  await store(pool, 18);
  rmSync(pool.dayFolder(18), { recursive: true });
  await pool.stage(18, 'one', { 'incr.tar': 'of the evening' });
  const before = readFileSync(pool.image);
  await expect(store(pool, 18)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(
      /^'2026\/11\/18\/one\/incr\.tar' is another file .* on the disc \[CEDAR BACKUP 18-NOV-2026\]/,
    ),
    hint: expect.stringContaining('another name'),
  });
  expect([readFileSync(pool.image).equals(before), pool.isStored(18)]).toEqual([true, false]);
  // What the hint says.
  renameSync(`${pool.dayFolder(18)}/one/incr.tar`, `${pool.dayFolder(18)}/one/incr.2.tar`);
  await store(pool, 18);
  expect(await pool.shown()).toEqual(['incr.2.tar', 'incr.tar', 'same.tar'].map((name) => `2026/11/18/one/${name}`));
  const { shown } = await lookAtMedium(pool.image);
  expect(['incr.tar', 'incr.2.tar'].map((name) => shown.get(`2026/11/18/one/${name}`)?.bytes)).toEqual([14, 14]);
  expect(pool.isStored(18)).toBe(true);
});

withXorriso.test(
  'on the first day of the week a disc is begun anew, once, and the image of last week is set aside',
  async () => {
    const pool = await discPool();
    await pool.stage(9, 'one', { 'a.tar': 'monday' });
    await store(pool, 9);
    await pool.stage(10, 'one', { 'a.tar': 'tuesday' });
    await store(pool, 10);
    await pool.stage(16, 'one', { 'a.tar': 'next' });
    await store(pool, 16);
    expect(await pool.shown()).toEqual(['2026/11/16/one/a.tar']);
    expect(await pool.shown(`${pool.root}/disc-2026-11-09.iso`)).toEqual(
      [9, 10].map((day) => `2026/11/${String(day).padStart(2, '0')}/one/a.tar`),
    );
    await pool.stage(16, 'two', { 'b.tar': 'late' });
    await store(pool, 16);
    expect(await pool.shown()).toEqual(['2026/11/16/one/a.tar', '2026/11/16/two/b.tar']);
    expect(readdirSync(pool.root).filter((name) => name.endsWith('.iso'))).toEqual(['disc-2026-11-09.iso', 'disc.iso']);
  },
);

withXorriso.test(
  "yesterday's day, else tomorrow's, is stored where today's is not there, with a warning where one is wanted",
  async () => {
    const quiet = await discPool();
    await quiet.stage(17, 'one', { 'a.tar': 'a' });
    expect((await texts(store(quiet, 18)))[0]).toMatch(/^info: Store process will use yesterday's/);
    expect(quiet.isStored(17)).toBe(true);
    const loud = await discPool('<warn_midnite>Y</warn_midnite>');
    await loud.stage(19, 'one', { 'a.tar': 'a' });
    expect((await texts(store(loud, 18)))[0]).toMatch(/^warning: Store process will use tomorrow's/);
    await expect(store(loud, 20, {}, true)).rejects.toMatchObject({ code: 'missing' });
  },
);

withXorriso.test('older days that were never stored are told, and stored to catch up', async () => {
  const pool = await discPool();
  for (const day of [10, 11, 18]) await pool.stage(day, 'one', { 'a.tar': `of ${day}` });
  const said = await store(pool, 18);
  expect(said.filter(({ level }) => level === 'warning').map(({ day }) => day)).toEqual(['2026/11/10', '2026/11/11']);
  expect(said.some((event) => event.failed ?? event.level === 'error')).toBe(false);
  expect(pool.isStored(10)).toBe(false);
  await store(pool, 18, { catchUp: true });
  expect([10, 11, 18].map((day) => pool.isStored(day))).toEqual([true, true, true]);
  expect(await pool.shown()).toHaveLength(3);
  await expect(store(pool, 18, { catchUp: true })).rejects.toMatchObject({ code: 'missing' });
});

withXorriso.test('a staged file that was damaged since is named; nothing is written or marked', async () => {
  const pool = await discPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  const path = `${pool.dayFolder(18)}/one/a.tar`;
  const { mtimeNs } = statSync(path, { bigint: true });
  writeFileSync(path, 'aXa');
  await realFiles.setAttributes(path, { mtimeNs });
  await expect(store(pool, 18)).rejects.toMatchObject({
    code: 'corrupt',
    message: `'${path}' is not what was staged: it was damaged since`,
  });
  expect([statSync(pool.image).size, pool.isStored(18)]).toEqual([0, false]);
});

withXorriso.test('a file that is another one than was staged, and one that is gone, are told', async () => {
  const pool = await discPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa', 'b.tar': 'bbb' });
  writeFileSync(`${pool.dayFolder(18)}/one/a.tar`, 'other');
  rmSync(`${pool.dayFolder(18)}/one/b.tar`);
  expect((await texts(store(pool, 18))).filter((text) => text.startsWith('warning'))).toEqual(
    ['a', 'b'].map(
      (name) => `warning: '2026/11/18/one/${name}.tar' is not what was staged, or is gone; the day is stored as it is.`,
    ),
  );
  expect(await pool.shown()).toEqual(['2026/11/18/one/a.tar']);
});

withXorriso.test('what is staged while the disc is written is not taken for stored', async () => {
  const pool = await discPool();
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  let late = false;
  const files: FileOperations = {
    ...realFiles,
    async rename(from, to) {
      await realFiles.rename(from, to);
      if (to !== pool.image || late) return;
      late = true;
      await pool.stage(18, 'two', { 'b.tar': 'bbb' });
    },
  };
  await expect(eventsOf(executeStore(pool.on(18, { files })))).rejects.toMatchObject({ code: 'changed' });
  expect([late, pool.isStored(18)]).toEqual([true, false]);
  await store(pool, 18);
  expect([await pool.shown(), pool.isStored(18)]).toEqual([['2026/11/18/one/a.tar', '2026/11/18/two/b.tar'], true]);
});

withXorriso.test('too large: both sizes, nothing is written, and what to do', async () => {
  const pool = await discPool('', 'cdrw-74', 'cdwriter');
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  truncateSync(`${pool.dayFolder(18)}/one/a.tar`, 700 * 1024 * 1024);
  await expect(store(pool, 18)).rejects.toMatchObject({
    code: 'full',
    message: expect.stringMatching(/^Image \[700\.\d\d MB\] does not fit in available capacity \[627\.73 MB\]\.$/),
    hint: expect.stringContaining('--span'),
  });
  expect(statSync(pool.image).size).toBe(0);
});

withXorriso.test('a rebuild has the whole week on a disc begun anew, and doing it again changes nothing', async () => {
  const pool = await discPool();
  for (const day of [13, 16, 18]) await pool.stage(day, 'one', { 'a.tar': `of ${day}` });
  await store(pool, 16);
  await eventsOf(executeRebuild(pool.on(18)));
  expect(await pool.shown()).toEqual(['2026/11/16/one/a.tar', '2026/11/18/one/a.tar']);
  expect([16, 18].map((day) => pool.isStored(day))).toEqual([true, true]);
  expect(existsSync(`${pool.root}/disc-2026-11-16.iso`)).toBe(true);
  const before = readFileSync(pool.image);
  await eventsOf(executeRebuild(pool.on(18)));
  expect(readFileSync(pool.image).equals(before)).toBe(true);
  await expect(eventsOf(executeRebuild(pool.on(30)))).rejects.toMatchObject({ code: 'missing' });
});

withXorriso.test('a disc that no pool has begun is refused where media are checked; initialize begins it', async () => {
  const pool = await discPool('<check_media>Y</check_media>');
  await pool.stage(18, 'one', { 'a.tar': 'aaa' });
  await expect(store(pool, 18)).rejects.toMatchObject({ code: 'mismatch' });
  await eventsOf(executeInitialize(pool.on(18)));
  const { shown, label } = await lookAtMedium(pool.image);
  expect([[...shown.keys()], label]).toEqual([['CedarBackup'], 'CEDAR BACKUP 18-NOV-2026']);
  await store(pool, 18);
  expect(await pool.shown()).toEqual(['2026/11/18/one/a.tar']);
  await eventsOf(executeInitialize(pool.on(18)));
  expect(await pool.shown(`${pool.root}/disc-2026-11-18.iso`)).toEqual(['2026/11/18/one/a.tar']);

  const once = await discPool('<check_media>Y</check_media>', 'dvd+r');
  await once.stage(18, 'one', { 'a.tar': 'aaa' });
  await expect(eventsOf(executeInitialize(once.on(18)))).rejects.toMatchObject({ code: 'refused' });
  await store(once, 18);
  expect(once.isStored(18)).toBe(true);
});

test('without a section, or an image that is there, nothing is done', async () => {
  const pool = await discPool();
  mkdirSync(pool.dayFolder(18), { recursive: true });
  writeFileSync(`${pool.dayFolder(18)}/cback.stage`, '');
  rmSync(pool.image);
  await expect(store(pool, 18)).rejects.toMatchObject({ code: 'missing' });
  rmSync(`${pool.root}/stage`, { recursive: true });
  for (const action of [executeStore, executeRebuild])
    await expect(eventsOf(action(pool.on(18)))).rejects.toMatchObject({
      code: 'missing',
      message: `there is no directory '${pool.root}/stage' to store days from`,
    });
  const { store: _, ...rest } = pool.on(18).configuration;
  const run = pool.on(18, { configuration: { ...rest, store: undefined } });
  await expect(eventsOf(executeStore(run))).rejects.toMatchObject({ code: 'configuration' });
});
