import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hpssPlace } from '../hpss-place.ts';
import { place, plant, stowage, stowageJson } from '../stowage.ts';

const rules = {
  __top__: { '[^/]+\\.md$': 'top_files.tar' },
  d1: { 'd1/batch/.*$': 'd1/batch.tar', 'd1/([^/]+\\.txt)$': 'd1/\\1' },
};
const files = { 'd1/batch/one': '1', 'd1/batch/deep/ü b': '22', 'd1/a.txt': 'plain', 'notes.md': '# top' };

test('archive, verify and find on HPSS, and again', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, files);
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0, err: '' });
  expect(readFileSync(at.hpss.local(`${at.hpssRoot}/data/d1/a.txt`), 'utf8')).toBe('plain');
  for (const level of ['listed', 'size', 'index', 'read'])
    expect(await stowage('verify', at.config, 'data', '--level', level)).toMatchObject({ status: 0 });
  const digest = await stowageJson('verify', at.config, 'data', '--level', 'digest');
  const verdicts = digest.events.filter(({ event }) => event === 'verdict').map((one) => [one.archive, one.outcome]);
  // htar has no digest of its archives.
  expect([digest.status, ...verdicts]).toEqual([
    1,
    ['data/d1/a.txt', 'intact'],
    ['data/d1/batch.tar', 'unproven'],
    ['data/top_files.tar', 'unproven'],
  ]);
  expect(at.hpss.sessions('htar')).toBeGreaterThan(0);
  expect((await stowage('find', at.config, 'deep')).out).toContain('in data/d1/batch.tar');
  const again = await stowage('archive', at.config, 'data');
  expect(again).toMatchObject({ status: 0, out: expect.stringContaining('nothing is missing') });
});

test('what changed replaces what is there, and what is gone from disk comes over', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, files);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  plant(at.data, { 'd1/batch/two': 'more', 'd1/a.txt': 'PLAIN' });
  rmSync(join(at.data, 'd1/batch/one'));
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  const out = join(at.folder, 'out');
  expect(await stowage('restore', at.config, 'data', '.', '--to', out)).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^3 archives \(.*\) to be read, at most [123] tapes? to mount$/m),
  });
  expect(readFileSync(join(out, 'd1/batch/one'), 'utf8'), 'gone from disk and carried over').toBe('1');
  expect(readFileSync(join(out, 'd1/batch/two'), 'utf8')).toBe('more');
  expect(readFileSync(join(out, 'd1/batch/deep/ü b'), 'utf8')).toBe('22');
  expect(readFileSync(join(out, 'd1/a.txt'), 'utf8')).toBe('PLAIN');
  expect(readdirSync(at.hpss.local(`${at.hpssRoot}/.stowage/tmp`))).toEqual([]);
});

test('the record is rebuilt from HPSS alone', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, files);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  rmSync(at.state, { recursive: true });
  expect(await stowage('rebuild-catalog', at.config)).toMatchObject({ status: 0 });
  expect(await stowage('archive', at.config, 'data')).toMatchObject({
    status: 0,
    out: expect.stringContaining('nothing is missing'),
  });
});

test('HPSS reads what it keeps a digest of itself, and what htar made once it has been told to make one', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, { 'd1/batch/one': '1', 'd1/a.txt': 'plain' });
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  const verdicts = async (...more: readonly string[]) => {
    const { status, events } = await stowageJson('verify', at.config, 'data', ...more);
    const told = events.filter(({ event }) => event === 'verdict');
    return [status, ...told.map(({ archive, outcome, readBy }) => [archive, outcome, readBy ?? 'us'])];
  };
  const [plain, batch] = ['data/d1/a.txt', 'data/d1/batch.tar'];
  expect(await verdicts('--level', 'digest', '--create-digests'), 'nothing to compare with yet').toEqual([
    1,
    [plain, 'intact', 'us'],
    [batch, 'unproven', 'us'],
  ]);
  expect(await verdicts('--level', 'read', '--create-digests')).toEqual([
    0,
    [plain, 'intact', 'store'],
    [batch, 'intact', 'us'],
  ]);
  const all = (outcome: string, by: string) => [plain, batch].map((archive) => [archive, outcome, by]);
  expect(await verdicts('--level', 'digest')).toEqual([0, ...all('intact', 'us')]);
  expect(await verdicts('--level', 'read')).toEqual([0, ...all('intact', 'store')]);
  for (const key of [plain, batch]) {
    const path = at.hpss.local(`${at.hpssRoot}/${key}`);
    const bytes = readFileSync(path);
    bytes[0] = bytes[0]! ^ 1;
    writeFileSync(path, bytes);
  }
  expect(await verdicts('--level', 'read')).toEqual([1, ...all('damaged', 'us')]);
  // What says nothing proves nothing.
  at.hpss.script({ words: ['hashverify'], do: { kind: 'lie', does: false, says: 'nothing' } });
  expect((await verdicts('--level', 'read'))[0]).toBe(4);
  for (const [level, said] of [
    ['size', 'no digest is looked at'],
    ['read', 'no digests of its own'],
  ] as const) {
    const config = level === 'size' ? at.config : (await place({})).config;
    expect(await stowage('verify', config, '--level', level, '--create-digests')).toMatchObject({
      status: 2,
      err: expect.stringContaining(said),
    });
  }
});

test('damage is found at the levels that can see it', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, files);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  const held = at.hpss.local(`${at.hpssRoot}/data/d1/batch.tar`);
  const bytes = readFileSync(held);
  bytes[1100] = bytes[1100]! ^ 1;
  writeFileSync(held, bytes);
  expect((await stowage('verify', at.config, 'data', '--level', 'read')).status).toBe(1);
  rmSync(held);
  expect((await stowage('verify', at.config, 'data', '--level', 'listed')).status).toBe(1);
});

test('no HPSS_DIR, no hsi, no directory there: each is said with what to do', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, files);
  rmSync(at.hpss.local(at.hpssRoot), { recursive: true });
  const absent = await stowage('archive', at.config, 'data');
  expect(absent).toMatchObject({ status: 4, err: expect.stringContaining('mkdir -p') });
  process.env.HPSS_DIR = join(at.folder, 'nowhere');
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ err: expect.stringContaining('hsi') });
  delete process.env.HPSS_DIR;
  expect(await stowage('archive', at.config, 'data')).toMatchObject({
    status: 3,
    err: expect.stringContaining('HPSS_DIR'),
  });
});

test('a system that is down is waited for, and it is said', async () => {
  const at = await hpssPlace(rules, { down_wait_seconds: 1 });
  plant(at.data, files);
  at.hpss.script({ at: 'login', times: 1, do: { kind: 'down' } });
  const ran = await stowage('archive', at.config, 'data');
  expect(ran).toMatchObject({
    status: 0,
    err: expect.stringMatching(/unable to obtain remote site info; the next try comes in 1 s/),
  });
});

test('a login that is not valid any more stops the run at once', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, files);
  at.hpss.script({ words: ['put'], do: { kind: 'expire' } });
  const { status, err } = await stowageJson('archive', at.config, 'data');
  expect([status, err]).toEqual([4, expect.stringContaining('renew your HPSS login')]);
  expect(existsSync(at.hpss.local(`${at.hpssRoot}/data`))).toBe(false);
});

test('--sessions: no more at once than that, whatever the configuration says; elsewhere, or with another number, it is refused', async () => {
  const at = await hpssPlace(rules, { sessions: 8, retries: 0 });
  at.hpss.configure({ mostSessions: 2 });
  plant(at.data, Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`d1/${n}.txt`, `${n}`])));
  expect(await stowage('archive', at.config, 'data', '--jobs', '8', '--sessions', '2')).toMatchObject({ status: 0 });
  const before = at.hpss.sessions();
  expect(await stowage('verify', at.config, 'data', '--level', 'size')).toMatchObject({ status: 0 });
  expect(at.hpss.sessions() - before, 'sessions for six archives').toBeLessThan(3);
  for (const wrong of ['1', '16', 'x'])
    expect(await stowage('missing', at.config, 'data', '--sessions', wrong)).toMatchObject({
      status: 2,
      err: expect.stringContaining('from 2 to 15'),
    });
  const other = await place({});
  expect(await stowage('missing', other.config, 'data', '--sessions', '4')).toMatchObject({
    status: 2,
    err: expect.stringContaining('not on HPSS'),
  });
});
