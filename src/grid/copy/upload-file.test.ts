import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type CopyStand, copyStand, ends, homeOf, journalsOf, namesIn, notesIn } from '../../../test/copies.ts';
import { needing } from '../../../test/needing.ts';
import { hasXrootd } from '../../../test/xrootd-servers.ts';
import type { CopyJob } from './copy-job.ts';

const { test } = needing(hasXrootd);

const site = 'LOCALHOST::JTESTSITE::';
const large = Buffer.alloc(3 << 20, 'what the detector saw\n');

function entryOf(stand: CopyStand, job: CopyJob) {
  return stand.grid.central.world.catalogue.get(job.lfn);
}

describe('what can be stored is: checked, committed at both elements, and told', () => {
  test('names and sizes of all kinds, and nothing is left in the journal', async () => {
    const stand = await copyStand([{ name: 'ONE' }, { name: 'TWO' }]);
    const jobs = [
      stand.upload('plain', 'some bytes'),
      stand.upload('empty', ''),
      stand.upload('with blanks and @, and, commas', 'x'),
      stand.upload('Ünïcødé 😀', 'y'),
      stand.upload('-option', 'z'),
      stand.upload('macro.C', 'w'),
      stand.upload('large', large),
    ];
    const events = await stand.copy(jobs);
    for (const job of jobs) {
      const content = readFileSync(job.local);
      const md5 = createHash('md5').update(content).digest('hex');
      expect(events.filter((event) => 'job' in event && event.job === job)).toMatchObject([
        { kind: 'started', bytes: content.length },
        ...(content.length === 0 ? [] : [{ kind: 'moved' }]),
        { kind: 'copied', bytes: content.length, md5, elements: expect.arrayContaining([`${site}ONE`, `${site}TWO`]) },
      ]);
      expect(entryOf(stand, job)).toMatchObject({ size: content.length, md5 });
      for (const name of ['ONE', 'TWO']) {
        expect(readFileSync(stand.grid.replica(job.lfn, name)).equals(content)).toBe(true);
      }
    }
    expect(existsSync(journalsOf(stand))).toBe(true);
    expect(statSync(journalsOf(stand)).mode & 0o777).toBe(0o700);
    expect(notesIn(stand)).toEqual([]);
    // Again: all is there, and nothing is stored.
    const again = await stand.copy(jobs);
    expect(new Set(again.map(({ kind }) => kind))).toEqual(new Set(['present']));
    expect(again).toHaveLength(jobs.length);
  });

  test('only where it was asked for', async () => {
    const stand = await copyStand([{ name: 'ONE' }, { name: 'TWO', qos: ['tape'] }, { name: 'THREE' }]);
    const jobs = [
      stand.upload('one', 'a', `${site}ONE`),
      stand.upload('tape', 'b', 'tape:1'),
      stand.upload('not', 'c', 'disk:1', `!${site}ONE`),
    ];
    const events = ends(await stand.copy(jobs));
    expect(events).toMatchObject({
      one: { kind: 'copied', elements: [`${site}ONE`] },
      tape: { kind: 'copied', elements: [`${site}TWO`] },
      not: { kind: 'copied', elements: [`${site}THREE`] },
    });
  });
});

test('what is there with the same content is not stored again; other content stays, unless it is to be replaced', async () => {
  const stand = await copyStand([{ name: 'ONE' }, { name: 'TWO' }]);
  const job = stand.upload('file', 'first');
  await stand.copy([job]);
  const before = entryOf(stand, job)!;
  expect(ends(await stand.copy([job]))).toMatchObject({ file: { kind: 'present', by: 'md5' } });
  expect(ends(await stand.copy([job], { existing: 'size and time' }))).toMatchObject({
    file: { kind: 'present', by: 'size and time' },
  });
  for (const content of ['other', 'another length']) {
    writeFileSync(job.local, content);
    expect(ends(await stand.copy([job]))).toMatchObject({ file: { kind: 'failed', reason: { code: 'exists' } } });
    expect(entryOf(stand, job)).toEqual(before);
  }
  const events = await stand.copy([job], { different: 'replace' });
  expect(ends(events)).toMatchObject({ file: { kind: 'copied', bytes: 14 } });
  expect(entryOf(stand, job)).toMatchObject({ size: 14, replicas: [{}, {}] });
  expect(entryOf(stand, job)!.guid).not.toBe(before.guid);
  expect(readFileSync(stand.grid.replica(job.lfn, 'TWO'), 'utf8')).toBe('another length');
  expect(namesIn(stand)).toEqual(['file']);
  expect(notesIn(stand)).toEqual([]);
  const folder = { ...job, lfn: homeOf(stand.grid) };
  const [failed] = await stand.copy([folder], { different: 'replace' });
  expect(failed).toMatchObject({ kind: 'failed', reason: { code: 'exists' } });
});

describe('what cannot be stored is told, and nothing of it is in the catalogue', () => {
  test('no such file, a folder, names that the Grid cannot have, a place where we may not write', async () => {
    const stand = await copyStand([{ name: 'ONE' }]);
    const home = homeOf(stand.grid);
    mkdirSync(join(stand.folder, 'folder'));
    const at = (local: string, lfn: string): CopyJob => ({
      kind: 'upload',
      local: join(stand.folder, local),
      lfn,
      where: [],
    });
    stand.local('there', 'x');
    const good = stand.upload('good', 'x');
    const events = await stand.copy([
      at('nothing', `${home}/nothing`),
      at('folder', `${home}/folder`),
      at('there', `${home}/not\udcff`),
      at('there', `${home}/folder/`),
      at('there', 'relative'),
      at('there', `${home}/../up`),
      at('there', '/localhost/localdomain/user/a/admin/x'),
      good,
    ]);
    const reasons = events.flatMap((event) => (event.kind === 'failed' ? [event.reason.code] : []));
    expect(reasons.sort()).toEqual(['refused', 'unavailable', 'usage', 'usage', 'usage', 'usage', 'usage']);
    expect(ends(events).good).toMatchObject({ kind: 'copied' });
    expect(namesIn(stand)).toEqual(['good']);
    expect(ends(events).x).toMatchObject({
      reason: { message: expect.stringContaining('/user/a/admin/x'), facts: { errno: 77 } },
    });
  });

  test('a file that changes while it is read, before and after its digest', async () => {
    const stand = await copyStand([{ name: 'ONE', line: { delayMs: 5 } }]);
    const job = stand.upload('file', large);
    const events = await stand.copy([job]);
    expect(ends(events)).toMatchObject({ file: { kind: 'copied' } });
    for (const name of ['grows', 'differs']) {
      const other = stand.upload(name, large);
      // Long ago: what is written twice between two ticks of the clock has one time.
      utimesSync(other.local, 1000, 1000);
      const change = () =>
        name === 'grows'
          ? appendFileSync(other.local, 'more')
          : writeFileSync(other.local, large.toString().toUpperCase());
      const told = await stand.copy([other], {}, ({ kind }) => kind === 'started' && change());
      expect(ends(told)).toMatchObject({ [name]: { kind: 'failed', reason: { code: 'changed' } } });
      expect(entryOf(stand, other)).toBeUndefined();
    }
    expect(namesIn(stand)).toEqual(['file']);
  });
});
