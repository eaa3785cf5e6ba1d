import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StowageError } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import type { Event } from '../../src/verbs/events.ts';
import { durableOrder } from '../durable-order.ts';
import { countingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { archivesIn, buryHolder, catalogOf, leftovers, timesRecorded } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, put, quickFiles, type SmallProject, smallKeys, smallProject } from '../small-project.ts';
import { archived, errorsOf, stored, told } from '../told.ts';

const large = { 'raw/7/x': 1.4, 'raw/8/x': 1.1, 'raw/9/x': 1.2 };
const largeKeys = ['data/raw_7.tar', 'data/raw_8.tar', 'data/raw_9.tar'];
const allKeys = [...smallKeys, ...largeKeys].sort();

/** Three archives that are each made alone, and four small ones that are made together. */
function largerProject(folder: string): SmallProject {
  const small = smallProject(folder);
  for (const [path, mebibytes] of Object.entries(large)) {
    put(small, path, Buffer.alloc(mebibytes * 2 ** 20, path));
    put(small, `${path}.txt`, path);
  }
  return small;
}

/** The project over a store whose writes are told, and wait for what `hold` says. */
async function gated(
  small: SmallProject,
  hold: (key: string) => Promise<void> | undefined,
  extra: Partial<Store> = {},
) {
  const project = await openSmall(small);
  const written: string[] = [];
  let now = 0;
  let most = 0;
  const store: Store = {
    ...project.store,
    ...extra,
    async write(key, bytes, options) {
      if (!key.startsWith('.stowage/')) written.push(key);
      now += 1;
      most = Math.max(most, now);
      try {
        await hold(key);
        return await project.store.write(key, bytes, options);
      } finally {
        now -= 1;
      }
    },
  };
  return { project: { ...project, store }, written, most: () => most };
}

/** Something that is waited for until it is opened. */
function gate() {
  let open = () => {};
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { isOpen, open: () => open() };
}

const outcomes = (events: readonly Event[]) =>
  events.flatMap((one) => (one.kind === 'stored' ? [one.stored.archive] : one.kind === 'failed' ? [one.what] : []));

test('the biggest are begun first, and told in the order of the plan, whichever is done first', async () => {
  const small = largerProject(await scratchFolder());
  const [biggest, last] = [gate(), gate()];
  // The biggest, and first of the large ones by name, waits until all others are written; they wait until it has come.
  const late = (key: string) => {
    if (key === 'data/README.md') last.open();
    if (key !== 'data/raw_7.tar') return biggest.isOpen;
    biggest.open();
    return last.isOpen;
  };
  const { project, written, most } = await gated(small, late);
  const run = await archived(project, { jobs: 2 });
  expect(run).toMatchObject({ status: 0, error: undefined });
  // Which of two that are begun together comes first is all the same.
  expect(written.slice(0, 2).toSorted()).toEqual(['data/raw_7.tar', 'data/raw_9.tar']);
  expect(written[2]).toBe('data/raw_8.tar');
  expect(most()).toBeGreaterThan(1);
  expect(stored(run)).toEqual(allKeys);
});

test('one after the other gives the same archives, the same record and the same events', async () => {
  const [one, several] = [largerProject(await scratchFolder()), largerProject(await scratchFolder())];
  const alone = await archived(await openSmall(one), { jobs: 1 });
  const together = await archived(await openSmall(several), { jobs: 4 });
  expect(archivesIn(several)).toEqual(archivesIn(one));
  expect(await catalogOf(await openSmall(several))).toEqual(await catalogOf(await openSmall(one)));
  expect(together.events).toEqual(alone.events);
});

test('a store that can write one object at a time is asked for no more', async () => {
  const small = largerProject(await scratchFolder());
  const { project, most } = await gated(small, () => undefined, { limits: { parallelWrites: 1 } });
  expect((await archived(project, { jobs: 4 })).status).toBe(0);
  expect(most()).toBe(1);
  expect(Object.keys(archivesIn(small)).sort()).toEqual(allKeys);
});

test('one that fails does not stop the others, and is told at its place', async () => {
  const small = largerProject(await scratchFolder());
  const failing = ['data/raw_9.tar', 'data/calib/flat.tar'];
  const { project } = await gated(small, async (key) => {
    if (failing.includes(key)) throw new StowageError('unavailable', `no way to write ${key}`);
  });
  const run = await archived(project, { jobs: 2 });
  expect(run.status).toBe(4);
  expect(outcomes(run.events)).toEqual(allKeys);
  expect(stored(run)).toEqual(allKeys.filter((key) => !failing.includes(key)));
  expect((await archived(await openSmall(small), { jobs: 2 })).status).toBe(0);
  expect(Object.keys(archivesIn(small)).sort()).toEqual(allKeys);
});

test('into a full store nothing more is begun, and what remains is told', async () => {
  const small = largerProject(await scratchFolder());
  const { project, written } = await gated(small, async (key) => {
    if (key === 'data/raw_7.tar') throw new StowageError('full', 'no room');
  });
  const run = await archived(project, { jobs: 1 });
  expect(written).toEqual(['data/raw_7.tar']);
  expect(run.events).toContainEqual(expect.objectContaining({ kind: 'remaining', archives: 6 }));
  expect(run.status).toBe(4);
});

test('after the first Ctrl-C what is under way is finished, and nothing more is begun', async () => {
  const small = largerProject(await scratchFolder());
  const stop = new AbortController();
  const { project, written } = await gated(small, async () => stop.abort());
  const { archive } = await import('../../src/verbs/archive/archive.ts');
  const policy = { sizeLimit: 1e12, allowShrink: false };
  const run = await told(archive(project, 'data', { policy, jobs: 2, stop: stop.signal }));
  expect(run.error).toMatchObject({ code: 'interrupted' });
  expect(written.toSorted()).toEqual(['data/raw_7.tar', 'data/raw_9.tar']);
  expect(stored(run)).toEqual(['data/raw_7.tar', 'data/raw_9.tar']);
  expect(run.events).toContainEqual(expect.objectContaining({ kind: 'remaining', archives: 5 }));
  expect(leftovers(small)).toEqual([]);
});

test('an abort stops all, and leaves nothing behind', async () => {
  const small = largerProject(await scratchFolder());
  const abort = new AbortController();
  const { project } = await gated(small, async (key) => {
    if (key === 'data/raw_9.tar') abort.abort();
  });
  const { archive } = await import('../../src/verbs/archive/archive.ts');
  const policy = { sizeLimit: 1e12, allowShrink: false };
  const run = await told(archive(project, 'data', { policy, jobs: 3, signal: abort.signal }));
  expect(run.error).toMatchObject({ code: 'interrupted' });
  expect(outcomes(run.events)).toEqual(stored(run));
  expect(leftovers(small)).toEqual([]);
  expect((await archived(await openSmall(small), { jobs: 3 })).status).toBe(0);
  expect(Object.keys(archivesIn(small)).sort()).toEqual(allKeys);
});

const gonePid = spawnSync(process.execPath, ['-e', '']).pid;

test('killed at any step with several under way, and run again, is as if it had not been killed', async () => {
  const scratch = await scratchFolder();
  const undisturbed = largerProject(join(scratch, 'undisturbed'));
  const watch = durableOrder(undisturbed);
  const counted = countingFiles(watch.files(quickFiles));
  expect(await archived(await openSmall(undisturbed, counted.files), { jobs: 3 })).toMatchObject({ status: 0 });
  expect(watch.broken).toEqual([]);
  const expected = await outcome(undisturbed);
  let kills = 0;
  for (const [index, line] of counted.log.entries()) {
    const when = `killed at step ${index + 1}: ${line}`;
    const small = largerProject(join(scratch, 'killed'));
    const watched = durableOrder(small);
    const own = countingFiles(killedFiles(watched.files(quickFiles), { at: index + 1 }));
    const killed = await archived(await openSmall(small, own.files), { jobs: 3 });
    // How many commits archives share depends on who is faster: a run may come to its end before the last of these steps.
    if (errorsOf(killed).some(isKilled)) kills += 1;
    else expect([killed.status, own.steps() <= index], when).toEqual([0, true]);
    buryHolder(small, gonePid);
    watched.newRun();
    const again = await archived(await openSmall(small, watched.files(quickFiles)), { jobs: 3 });
    expect({ status: again.status, error: again.error }, when).toEqual({ status: 0, error: undefined });
    expect(watched.broken, when).toEqual([]);
    expect(await outcome(small), when).toEqual(expected);
    await rm(small.folder, { recursive: true });
  }
  expect(kills).toBeGreaterThan(counted.log.length * 0.9);
}, 300_000);

/** All that must be the same with and without the kill. */
async function outcome(small: SmallProject) {
  const project = await openSmall(small);
  return {
    archives: archivesIn(small),
    catalog: await catalogOf(project),
    recorded: await timesRecorded(project),
    leftovers: leftovers(small),
  };
}
