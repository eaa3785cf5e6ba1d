import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { isStowageError, StowageError } from '../errors.ts';
import { type Crew, type CrewOptions, crew } from './crew.ts';
import { errorFromData, errorToData } from './error-data.ts';

async function task(source: string): Promise<URL> {
  const path = join(await scratchFolder(), 'task.mjs');
  writeFileSync(path, `import { threadId } from 'node:worker_threads';\nexport default ${source};`);
  return pathToFileURL(path);
}

function crewOf(size: number, options: CrewOptions = {}): Crew {
  const made = crew(size, options);
  onTestFinished(() => made.close());
  return made;
}

test('tasks begin in order, and never more at once than there are threads', async () => {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  const run = await task(`async (at) => {
    const now = Atomics.add(at.shared, 0, 1) + 1;
    let most = Atomics.load(at.shared, 1);
    while (now > most) { Atomics.compareExchange(at.shared, 1, most, now); most = Atomics.load(at.shared, 1); }
    const turn = Atomics.add(at.shared, 2, 1);
    await new Promise(setImmediate);
    Atomics.sub(at.shared, 0, 1);
    return { output: { turn, thread: threadId }, transfer: [] };
  }`);
  const two = crewOf(2);
  const done = await Promise.all(
    Array.from({ length: 40 }, () => two.run<{ turn: number; thread: number }>(run, { shared })),
  );
  expect(shared[1]).toBeLessThanOrEqual(2);
  expect(new Set(done.map((one) => one.turn)).size).toBe(40);
  expect(new Set(done.map((one) => one.thread)).size).toBeLessThanOrEqual(2);
  const one = crewOf(1);
  const order = await Promise.all(Array.from({ length: 20 }, () => one.run<{ turn: number }>(run, { shared })));
  expect(order.map(({ turn }) => turn - 40)).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('warm threads have loaded the task, and have not run it', async () => {
  const run = await task('(at) => ({ output: Atomics.add(at, 0, 1), transfer: [] })');
  const some = crewOf(1);
  expect(some.isReady()).toBe(false);
  some.warm(run);
  some.warm(run);
  const at = new Int32Array(new SharedArrayBuffer(4));
  expect(await some.run(run, at)).toBe(0);
  expect(some.isReady()).toBe(true);
  // One that cannot be loaded is told to whoever gives it.
  const other = crewOf(1);
  const none = pathToFileURL('/none/such.mjs');
  other.warm(none);
  await expect(other.run(none, at)).rejects.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
  expect(await other.run(run, at)).toBe(1);
});

test('a crew that is allowed fewer threads starts no more, until it is allowed them', async () => {
  const run = await task('async () => (await new Promise(setImmediate), { output: threadId, transfer: [] })');
  const some = crewOf(2);
  some.allow(1);
  expect([some.size, some.isWarm(), some.isReady()]).toEqual([1, false, false]);
  some.warm(run);
  const ask = () => Promise.all(Array.from({ length: 8 }, () => some.run<number>(run, undefined)));
  expect(new Set(await ask()).size).toBe(1);
  expect([some.isWarm(), some.isReady()]).toEqual([true, true]);
  some.allow(2);
  expect([some.size, some.isWarm(), some.isReady()]).toEqual([2, true, false]);
  expect(new Set(await ask()).size).toBe(2);
  expect(some.isReady()).toBe(true);
});

test('a thread that is there loads another task behind what it does', async () => {
  const say = await task('() => ({ output: globalThis.isLoaded, transfer: [] })');
  const other = await task('((globalThis.isLoaded = true), () => ({ output: 0, transfer: [] }))');
  const some = crewOf(1);
  some.prepare(other, 1); // there is none yet
  expect(await some.run(say, undefined)).toBe(undefined);
  some.prepare(other, 1);
  expect(await some.run(say, undefined)).toBe(true);
});

test('a crew goes on with fewer threads, which it has already', async () => {
  const together = await task(`async (at) => {
    Atomics.add(at, 0, 1);
    while (Atomics.load(at, 0) < 2) await new Promise(setImmediate);
    return { output: threadId, transfer: [] };
  }`);
  const some = crewOf(2);
  const at = new Int32Array(new SharedArrayBuffer(4));
  const ids = await Promise.all([some.run<number>(together, at), some.run<number>(together, at)]);
  await some.keep(1, 2);
  expect(some.size).toBe(1);
  expect(some.isReady()).toBe(true);
  const left = await Promise.all([1, 2, 3, 4].map(() => some.run<number>(together, at)));
  expect(new Set(left)).toEqual(new Set([ids[0]]));
  // Two tasks lie in it at once: both go down with it.
  const end = await task('() => process.exit(3)');
  const [ended, ready, waits] = await Promise.allSettled([end, together, together].map((run) => some.run(run, at)));
  expect([ended, ready, waits].map((one) => one!.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('memory changes hands both ways', async () => {
  const run = await task('(bytes) => { bytes[0] += 1; return { output: bytes, transfer: [bytes.buffer] }; }');
  const bytes = new Uint8Array([41]);
  const back = await crewOf(1).run<Uint8Array>(run, bytes, [bytes.buffer]);
  expect([...back]).toEqual([42]);
  expect(bytes.length).toBe(0);
});

describe('what fails in a thread fails here, and the next task goes on', () => {
  test.each([
    ['a system error', "async () => (await import('node:fs')).readFileSync('/none/such')", { code: 'ENOENT' }],
    ['any error', "() => { throw new TypeError('no'); }", { name: 'TypeError', message: 'no' }],
    ['what is no error', "() => { throw 'plain'; }", { message: 'plain' }],
    ['an answer that cannot be copied', '() => ({ output: () => 1, transfer: [] })', { name: 'DataCloneError' }],
    ['the end of the thread', '() => process.exit(3)', { code: 'bug' }],
  ])('%s', async (_, source, expected) => {
    const some = crewOf(1);
    const failed = await some.run(await task(source), undefined).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Error);
    expect(failed).toMatchObject(expected);
    expect(await some.run(await task('(x) => ({ output: x + 1, transfer: [] })'), 1)).toBe(2);
  });

  test('an input that cannot be copied', async () => {
    const some = crewOf(1);
    const plus = await task('(x) => ({ output: x + 1, transfer: [] })');
    await expect(some.run(plus, () => 1)).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await some.run(plus, 1)).toBe(2);
  });

  test('a thread without memory is told with what to do', async () => {
    const run = await task('() => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); }');
    const failed = await crewOf(1, { heapMebibytes: 24 })
      .run(run, undefined)
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'unavailable', hint: expect.stringContaining('--jobs') });
  });
});

test('an error keeps its code, hint, facts and causes on the way', () => {
  const cause = Object.assign(new Error('EIO: i/o error'), { code: 'EIO', errno: -5 });
  const error = new StowageError('full', 'no space', { hint: 'free some', facts: { path: 'a\udcff', n: 3n }, cause });
  const back = errorFromData(structuredClone(errorToData(error)));
  expect(isStowageError(back, 'full')).toBe(true);
  expect(back).toMatchObject({ message: 'no space', hint: 'free some', facts: { path: 'a\udcff', n: 3n } });
  expect(back.cause).toMatchObject({ message: 'EIO: i/o error', code: 'EIO', errno: -5 });
});

test('close stops what runs and what waits, and nothing more is taken', async () => {
  const some = crew(1);
  const endless = await task('() => new Promise((resolve) => setInterval(() => {}, 1000))');
  const all = [1, 2, 3].map((n) => some.run(endless, n).catch((error: unknown) => error));
  await some.close();
  for (const one of await Promise.all(all)) expect(one).toMatchObject({ code: 'interrupted' });
  await expect(some.run(endless, 4)).rejects.toMatchObject({ code: 'interrupted' });
});

test('a task that lies ready in a thread is done next, and goes down with it', async () => {
  const some = crewOf(1, { tasksInHand: 2 });
  const run = await task('async (x) => { await new Promise(setImmediate); return { output: x, transfer: [] }; }');
  expect(await Promise.all([1, 2, 3, 4].map((x) => some.run(run, x)))).toEqual([1, 2, 3, 4]);
  const end = await task('() => process.exit(3)');
  const [ended, ready, waits] = await Promise.allSettled([some.run(end, 0), some.run(run, 5), some.run(run, 6)]);
  expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'bug' } });
  expect(ready).toMatchObject({ status: 'rejected', reason: { code: 'bug' } });
  expect(waits).toMatchObject({ status: 'fulfilled', value: 6 });
  await expect(some.run(run, () => 1)).rejects.toMatchObject({ name: 'DataCloneError' });
  expect(await some.run(run, 7)).toBe(7);
});
