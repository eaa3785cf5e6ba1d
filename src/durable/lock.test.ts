import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { countingFiles, failingFiles } from '../../test/failing-files.ts';
import { plainModules } from '../../test/plain-modules.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { systemClock } from '../model/clock.ts';
import type { FileOperations } from './file-operations.ts';
import { thisHolder } from './holder.ts';
import { acquireLock, breakLock } from './lock.ts';
import { formatLock, type LockHolder, readLock } from './lock-holder.ts';
import { realFiles } from './real-files.ts';

const options = { command: 'stowage archive a.json raw', clock: systemClock };
const goneProcess = spawnSync(process.execPath, ['-e', '']).pid;

function holder(changes: Partial<LockHolder> = {}): LockHolder {
  return { ...thisHolder(), since: '2025-01-01T00:00:00.000Z', command: 'old', id: '00112233445566ff', ...changes };
}

async function lockPath(content?: string): Promise<string> {
  const path = `${await scratchFolder()}/raw.lock`;
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

const withoutLinks: FileOperations = {
  ...realFiles,
  link: async () => {
    throw Object.assign(new Error('ENOTSUP'), { code: 'ENOTSUP' });
  },
};

describe.each([
  ['with links', realFiles],
  ['without links', withoutLinks],
])('%s', (_, files) => {
  test('taken, seen, released, taken again', async () => {
    const path = await lockPath();
    expect(await readLock(path)).toBeUndefined();
    const lock = await acquireLock(files, path, { ...options, clock: { now: () => new Date(0) } });
    expect(await readLock(path)).toEqual({
      ...thisHolder(),
      since: '1970-01-01T00:00:00.000Z',
      command: options.command,
      id: lock.holder.id,
    });
    await expect(acquireLock(files, path, options)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()} since 1970`),
      facts: { pid: process.pid, host: hostname(), since: '1970-01-01T00:00:00.000Z' },
    });
    await lock.release();
    await lock.release();
    expect(readdirSync(path.slice(0, -9))).toEqual([]);
    await (await acquireLock(files, path, options)).release();
  });

  test.each([
    ['no such process', holder({ pid: goneProcess })],
    ['an earlier boot', holder({ bootId: 'earlier' })],
    ['a process id given anew', holder({ startTime: '1' })],
  ])('a dead holder is taken over: %s', async (_, dead) => {
    const path = await lockPath(formatLock(dead));
    const lock = await acquireLock(files, path, options);
    expect(await readLock(path)).toEqual(lock.holder);
    expect(readdirSync(path.slice(0, -9))).toEqual(['raw.lock']);
  });

  test('of 20 in one process that find a dead lock, one takes it', async () => {
    const path = await lockPath(formatLock(holder({ pid: goneProcess })));
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(files, path, options)));
    const got = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(got.length).toBe(1);
    expect(await readLock(path)).toEqual(got[0]!.holder);
    for (const one of all) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'locked' });
  });
});

test('a taker that was slow does not replace the lock of a faster one', async () => {
  const path = await lockPath(formatLock(holder({ pid: goneProcess })));
  let faster: Awaited<ReturnType<typeof acquireLock>> | undefined;
  const slow: FileOperations = {
    ...realFiles,
    // The first thing that the slow one does after reading the dead lock is to write its claim.
    open: async (name, flags, mode) => {
      faster ??= await acquireLock(realFiles, path, options);
      return realFiles.open(name, flags, mode);
    },
  };
  await expect(acquireLock(slow, path, options)).rejects.toMatchObject({ code: 'locked' });
  expect(await readLock(path)).toEqual(faster?.holder);
});

test.each([
  ['another host', formatLock(holder({ host: 'other.example', pid: goneProcess }))],
  ['an empty file', ''],
  ['a torn line', formatLock(holder()).slice(0, 40)],
  ['a line without its end', formatLock(holder()).trimEnd()],
  ['other JSON', '[1]\n'],
  ['a process id that would name a group', formatLock(holder({ pid: -1 }))],
  ['a long file', ' '.repeat(100_000)],
])('who cannot be judged is never replaced: %s', async (_, content) => {
  const path = await lockPath(content);
  await expect(acquireLock(realFiles, path, options)).rejects.toMatchObject({
    code: 'locked',
    hint: expect.stringContaining('stowage unlock CONFIG SECTION'),
  });
  expect(readFileSync(path, 'utf8')).toBe(content);
  await breakLock(realFiles, path);
  await acquireLock(realFiles, path, options);
});

test('things that are no lock files', async () => {
  const folder = await scratchFolder();
  mkdirSync(`${folder}/d`);
  symlinkSync('nowhere', `${folder}/l`);
  writeFileSync(`${folder}/secret`, formatLock(holder()));
  chmodSync(`${folder}/secret`, 0);
  expect(await readLock(`${folder}/d`)).toBe('unreadable');
  expect(await readLock(`${folder}/l`)).toBe('unreadable');
  if (process.getuid?.() !== 0) expect(await readLock(`${folder}/secret`)).toBe('unreadable');
  await expect(readLock(`${folder}/secret/x`)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a lock that was broken and taken by another is not removed by release', async () => {
  const path = await lockPath();
  const first = await acquireLock(realFiles, path, options);
  expect(await breakLock(realFiles, path)).toEqual(first.holder);
  const second = await acquireLock(realFiles, path, options);
  await first.release();
  expect(await readLock(path)).toEqual(second.holder);
  await second.release();
  expect(await breakLock(realFiles, path)).toBeUndefined();
});

test('a command that could fake a line of output', async () => {
  const path = await lockPath();
  await acquireLock(realFiles, path, { ...options, command: 'a\u001b[2K\nb' });
  await expect(acquireLock(realFiles, path, options)).rejects.toThrow('(a\\x1b[2K\\nb)');
});

test.each([undefined, formatLock(holder({ pid: goneProcess }))])(
  'who failed to take it does not hold it (%#)',
  async (content) => {
    const counted = countingFiles(realFiles);
    await acquireLock(counted.files, await lockPath(content), options);
    for (let at = 1; at <= counted.steps(); at += 1) {
      const path = await lockPath(content);
      const got = await acquireLock(failingFiles(realFiles, { at, error: 'EIO' }), path, options).catch(
        () => undefined,
      );
      if (got === undefined) await acquireLock(realFiles, path, options);
      else expect(await readLock(path), `step ${at}`).toEqual(got.holder);
    }
  },
);

/** A process of its own that takes the lock, says so, and waits; or is killed at a step. */
const driver = `
import { realFiles } from './durable/real-files.js';
import { acquireLock } from './durable/lock.js';
import { systemClock } from './model/clock.js';
const [path, killAt] = process.argv.slice(2);
let steps = 0;
const step = (run) => async (...given) => {
  if (++steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  return run(...given);
};
const files = { ...realFiles };
for (const verb of ['link', 'rename', 'unlink', 'syncFolder', 'open']) files[verb] = step(realFiles[verb]);
if (killAt === undefined) {
  console.log('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));
}
await acquireLock(files, path, { command: 'driver', clock: systemClock }).then(
  () => console.log('got'),
  (error) => console.log(error.code),
);
setInterval(() => {}, 1000);
`;

async function driverFolder(): Promise<string> {
  const folder = await scratchFolder();
  await plainModules(folder, ['errors.ts', 'model', 'durable']);
  writeFileSync(`${folder}/driver.js`, driver);
  return folder;
}

async function line(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const [text] = await Promise.race([once(lines, 'line'), once(lines, 'close').then(() => ['ended'])]);
  lines.close();
  return text;
}

test('of 20 processes that race for a dead lock one gets it', async () => {
  const folder = await driverFolder();
  const path = `${folder}/raw.lock`;
  writeFileSync(path, formatLock(holder({ pid: goneProcess })));
  const children = Array.from({ length: 20 }, () =>
    spawn(process.execPath, [`${folder}/driver.js`, path], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  try {
    expect(await Promise.all(children.map(line))).toEqual(Array(20).fill('ready'));
    for (const child of children) child.stdin.write('\n');
    const answers = await Promise.all(children.map(line));
    expect(answers.filter((answer) => answer === 'got')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'locked')).toHaveLength(19);
    const winner = children[answers.indexOf('got')]!;
    expect(await readLock(path)).toMatchObject({ pid: winner.pid, command: 'driver' });
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
});

test('a taker killed at any step leaves a lock that the next one takes', async () => {
  const folder = await driverFolder();
  const path = `${folder}/raw.lock`;
  writeFileSync(path, formatLock(holder({ pid: goneProcess })));
  let killed = 0;
  for (let at = 1; ; at += 1) {
    // Each finds what the one before left: dead locks and dead claims on them.
    const child = spawn(process.execPath, [`${folder}/driver.js`, path, `${at}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answer = await line(child);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (answer !== 'ended') {
      expect(answer).toBe('got');
      break;
    }
    killed += 1;
    expect(await readLock(path)).toMatchObject({ pid: expect.any(Number) });
  }
  expect(killed).toBeGreaterThanOrEqual(10);
  const lock = await acquireLock(realFiles, path, options);
  expect(await readLock(path)).toEqual(lock.holder);
});
