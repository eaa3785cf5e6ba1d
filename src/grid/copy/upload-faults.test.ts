import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { copyStand, ends, heldBy, namesIn, notesIn } from '../../../test/copies.ts';
import type { ElementOptions } from '../../../test/grid-stand.ts';
import { needing } from '../../../test/needing.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { hasXrootd, startXrootd } from '../../../test/xrootd-servers.ts';
import type { Fault } from '../../sandbox/jalien/faults.ts';

const { test } = needing(hasXrootd);

const se = (name: string): string => `LOCALHOST::JTESTSITE::${name}`;

/** A server whose md5 is always the same one. */
async function liar(): Promise<ElementOptions> {
  const program = join(await scratchFolder(), 'md5');
  writeFileSync(program, '#!/bin/sh\necho 00000000000000000000000000000000\n');
  chmodSync(program, 0o755);
  chmodSync(join(program, '..'), 0o755);
  return { name: 'LIAR', config: [`xrootd.chksum md5 ${program}`] };
}

describe('a bad storage element costs no other its replica, and another takes its place', () => {
  test.each([
    ['gone', async () => ({ name: 'BAD' }), 'unavailable'],
    ['full', async () => ({ name: 'BAD', full: true }), 'full'],
    ['one that lies', async () => ({ ...(await liar()), name: 'BAD' }), 'corrupt'],
    [
      'one that is cut off in the middle',
      async (): Promise<ElementOptions> => ({
        name: 'BAD',
        line: { harm: { direction: 'up', bytes: 100_000, do: 'cut' } },
      }),
      'unavailable',
    ],
  ] as const)('%s', async (_, bad, code) => {
    const stand = await copyStand([await bad(), { name: 'ONE' }, { name: 'TWO' }], {
      parts: { limits: { retries: 0 } },
    });
    if (_ === 'gone') await stand.grid.element('BAD').server.stop();
    const job = stand.upload('file', Buffer.alloc(500_000, 'x'));
    const events = await stand.copy([job]);
    expect(events.find(({ kind }) => kind === 'replica failed')).toMatchObject({ se: se('BAD'), reason: { code } });
    expect(ends(events)).toMatchObject({ file: { kind: 'copied' } });
    const { replicas } = stand.grid.central.world.catalogue.get(job.lfn)!;
    expect(replicas.map((one) => one.se).sort()).toEqual([se('ONE'), se('TWO')]);
    if (_ !== 'gone') expect(heldBy(stand, 'BAD')).toEqual([]);
    // What may lie at an element that has gone is the next run's to look at.
    if (_ !== 'gone') expect(notesIn(stand)).toEqual([]);

    // Only two are left, and three are wanted: said so, and both stay. The next run adds the third.
    const three = stand.upload('three', Buffer.alloc(500_000, 'y'), 'disk:3');
    expect(ends(await stand.copy([three]))).toMatchObject({
      three: { kind: 'failed', reason: { message: expect.stringContaining('at 2 of 3'), code } },
    });
    expect(stand.grid.central.world.catalogue.get(three.lfn)!.replicas).toHaveLength(2);
  });
});

test('fewer replicas than asked: the next run stores only what is missing', async () => {
  const stand = await copyStand([{ name: 'ONE' }, { name: 'TWO' }], { parts: { limits: { retries: 0 } } });
  const two = stand.grid.element('TWO');
  const { port, folder } = two.server;
  await two.server.stop('keep');
  const job = stand.upload('file', 'content', 'disk:2');
  const failed = await stand.copy([job]);
  expect(ends(failed)).toMatchObject({
    file: { kind: 'failed', reason: { facts: { elements: [se('ONE')], wanted: 2 } } },
  });
  const before = stand.grid.central.world.catalogue.get(job.lfn)!;
  const again = await startXrootd({ port, folder });
  onTestFinished(() => again.stop());
  const events = await stand.copy([job]);
  expect(ends(events)).toMatchObject({ file: { kind: 'copied', elements: [se('ONE'), se('TWO')] } });
  const after = stand.grid.central.world.catalogue.get(job.lfn)!;
  expect([after.guid, after.replicas.length]).toEqual([before.guid, 2]);
  expect([heldBy(stand, 'ONE'), heldBy(stand, 'TWO')]).toEqual([[after.guid], [after.guid]]);
  expect(notesIn(stand)).toEqual([]);
});

test('an element that fails once and has no substitute is asked again, and what it then holds stays', async () => {
  const once = { direction: 'up', bytes: 100_000, do: 'cut', times: 1 } as const;
  const stand = await copyStand([{ name: 'ONE' }, { name: 'BAD', line: { harm: once } }], {
    parts: { limits: { retries: 0 } },
  });
  const job = stand.upload('file', Buffer.alloc(500_000, 'x'));
  const events = await stand.copy([job]);
  expect(events.filter(({ kind }) => kind === 'replica failed')).toHaveLength(1);
  expect(ends(events)).toMatchObject({ file: { kind: 'copied', elements: [se('ONE'), se('BAD')] } });
  const { guid, replicas } = stand.grid.central.world.catalogue.get(job.lfn)!;
  expect(replicas).toHaveLength(2);
  expect([heldBy(stand, 'ONE'), heldBy(stand, 'BAD')]).toEqual([[guid], [guid]]);
  expect(readFileSync(stand.grid.replica(job.lfn, 'BAD')).equals(readFileSync(job.local))).toBe(true);
  expect(notesIn(stand)).toEqual([]);
});

describe('a commit of which no reply comes is done once', () => {
  const commit = { command: 'commit', times: 1 } as const;
  test.each<[string, Fault]>([
    ['cut before it was run', { ...commit, do: { kind: 'drop' } }],
    ['cut after it was run', { ...commit, do: { kind: 'drop', when: 'after' } }],
    ['lost after it was run', { ...commit, do: { kind: 'lose' } }],
    ['lost, and never run', { ...commit, do: { kind: 'lose', does: false } }],
    ['the server restarts before', { ...commit, do: { kind: 'restart', downMs: 20 } }],
    ['the server restarts after', { ...commit, do: { kind: 'restart', downMs: 20, when: 'after' } }],
    ['its number is wrong, and it was done', { ...commit, do: { kind: 'error', errno: 53 } }],
    ['it is said to be forbidden, and was done', { ...commit, do: { kind: 'error', errno: 1 } }],
  ])('%s', async (_, fault) => {
    const stand = await copyStand([{ name: 'ONE' }, { name: 'TWO' }]);
    const job = stand.upload('file', 'content');
    stand.grid.central.setFaults([fault]);
    const events = await stand.copy([job]);
    expect(ends(events)).toMatchObject({
      file: { kind: 'copied', elements: [expect.any(String), expect.any(String)] },
    });
    const entry = stand.grid.central.world.catalogue.get(job.lfn)!;
    expect(entry.replicas).toHaveLength(2);
    expect([heldBy(stand, 'ONE'), heldBy(stand, 'TWO')]).toEqual([[entry.guid], [entry.guid]]);
    expect(notesIn(stand)).toEqual([]);
  });
});

test('a commit that is refused leaves nothing at the storage elements, and is told', async () => {
  const stand = await copyStand([{ name: 'ONE' }, { name: 'TWO' }]);
  stand.grid.central.setFaults([{ command: 'commit', do: { kind: 'error', errno: 53, does: false } }]);
  const job = stand.upload('file', 'content');
  expect(ends(await stand.copy([job]))).toMatchObject({ file: { kind: 'failed', reason: { facts: { errno: 53 } } } });
  expect(stand.grid.central.world.catalogue.get(job.lfn)).toBeUndefined();
  expect([heldBy(stand, 'ONE'), heldBy(stand, 'TWO')]).toEqual([[], []]);
  expect(notesIn(stand)).toEqual([]);
});

test('where nobody knows whether it was committed, the next run commits what is stored and sends nothing again', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  stand.grid.central.setFaults([
    { command: 'commit', do: { kind: 'drop' } },
    { command: 'whereis', do: { kind: 'drop' } },
  ]);
  const job = stand.upload('file', 'content');
  expect(ends(await stand.copy([job]))).toMatchObject({
    file: { kind: 'failed', reason: { hint: expect.stringContaining('run the same again') } },
  });
  const [held] = heldBy(stand, 'ONE');
  stand.grid.central.setFaults([]);
  const events = await stand.copy([job]);
  expect(events).toMatchObject([{ kind: 'started' }, { kind: 'settled' }, { kind: 'copied' }]);
  expect(stand.grid.central.world.catalogue.get(job.lfn)!.guid).toBe(held);
  expect(heldBy(stand, 'ONE')).toEqual([held]);
  expect(notesIn(stand)).toEqual([]);

  // Of another content nothing that was stored is of use.
  stand.grid.central.setFaults([
    { command: 'commit', do: { kind: 'drop' } },
    { command: 'whereis', do: { kind: 'drop' } },
  ]);
  const other = stand.upload('other', 'content');
  await stand.copy([other]);
  stand.grid.central.setFaults([]);
  stand.local('other', 'new content');
  expect(ends(await stand.copy([other]))).toMatchObject({ other: { kind: 'copied', bytes: 11 } });
  expect(heldBy(stand, 'ONE')).toHaveLength(2);
  expect(notesIn(stand)).toEqual([]);
});

test('the central server restarts again and again in the middle of many files', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  stand.grid.central.setFaults([{ oneIn: 17, do: { kind: 'restart', downMs: 10, when: 'after' } }]);
  const jobs = Array.from({ length: 40 }, (_, index) => stand.upload(`file ${index}`, `content ${index}`));
  const events = ends(await stand.copy(jobs));
  expect(Object.values(events).filter(({ kind }) => kind === 'copied')).toHaveLength(40);
  expect(namesIn(stand)).toHaveLength(40);
  expect(heldBy(stand, 'ONE')).toHaveLength(40);
});

test('when it is stopped nothing new begins, and what is under way is ended and committed', async () => {
  const stand = await copyStand([{ name: 'ONE' }]);
  const stopping = new AbortController();
  const jobs = Array.from({ length: 100 }, (_, index) => stand.upload(`file ${index}`, `content ${index}`));
  let given = 0;
  function* some() {
    for (const job of jobs) {
      given += 1;
      yield job;
    }
  }
  const events = await stand.copy(some(), { signal: stopping.signal }, (event) => {
    if (event.kind === 'copied') stopping.abort();
  });
  const done = Object.values(ends(events)).filter(({ kind }) => kind === 'copied');
  const started = events.filter(({ kind }) => kind === 'started');
  expect(done.length).toBe(started.length);
  expect(done.length).toBeLessThan(100);
  expect(given).toBeLessThan(100);
  expect(namesIn(stand)).toHaveLength(done.length);
  expect(heldBy(stand, 'ONE')).toHaveLength(done.length);
  expect(notesIn(stand)).toEqual([]);
});
