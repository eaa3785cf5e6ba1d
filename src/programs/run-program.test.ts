import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { plainModules } from '../../test/plain-modules.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { until } from '../../test/waiting.ts';
import { StowageError } from '../errors.ts';
import { findProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';

const sh = (script: string, options?: Parameters<typeof runProgram>[2]) => runProgram('sh', ['-c', script], options);
const failed = (promise: Promise<unknown>): Promise<StowageError> =>
  promise.then(
    () => expect.unreachable('it did not fail'),
    (error) => {
      expect(error).toBeInstanceOf(StowageError);
      return error;
    },
  );
const lives = (pid: number): boolean => {
  // A zombie is dead, whoever has yet to wait for it.
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
};
async function executable(name: string, text: string): Promise<string> {
  const path = `${await scratchFolder()}/${name}`;
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

test('arguments arrive as they are, and no shell sees them', async () => {
  const args = ['', ' a  b ', '$HOME', '`id`', '*', "'", '"', 'a\nb', '-n', 'ä😀', ';', '\\'];
  const { stdout } = await runProgram(process.execPath, [
    '-e',
    'console.log(JSON.stringify(process.argv.slice(1)))',
    '--',
    ...args,
  ]);
  expect(JSON.parse(stdout.toString())).toEqual(args);
});

test('a result tells all', async () => {
  expect(await sh('echo out; echo err >&2')).toMatchObject({
    status: 0,
    signal: null,
    stdout: Buffer.from('out\n'),
    stderr: Buffer.from('err\n'),
    truncated: 0,
    inputTaken: true,
    leftRunning: false,
    durationMs: expect.any(Number),
  });
});

test('environment: LC_ALL=C, additions, removals, and no more', async () => {
  process.env.STOWAGE_TEST_GONE = 'x';
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  const { stdout } = await sh('echo "$LC_ALL|$ADDED|${STOWAGE_TEST_GONE-unset}|${PATH:+path}"', {
    env: { ADDED: 'yes', STOWAGE_TEST_GONE: undefined },
  });
  delete process.env.STOWAGE_TEST_GONE;
  expect(stdout.toString()).toBe('C|yes|unset|path\n');
});

test('cwd', async () => {
  const cwd = await scratchFolder();
  expect((await sh('pwd -P', { cwd })).stdout.toString().trim().endsWith(cwd.slice(-10))).toBe(true);
});

describe('input', () => {
  async function* twice(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one ');
    yield new Uint8Array([0x74, 0x77, 0x6f]);
  }
  test.each([
    ['none', undefined, ''],
    ['empty', '', ''],
    ['text', 'ä', 'ä'],
    ['bytes', new Uint8Array([0x61, 0x62]), 'ab'],
    ['a stream', twice(), 'one two'],
    ['much', 'x'.repeat(300_000), 'x'.repeat(300_000)],
  ])('%s', async (_, input, expected) => {
    const result = await runProgram('cat', [], input === undefined ? {} : { input });
    expect(result.stdout.toString()).toBe(expected);
    expect(result.inputTaken).toBe(true);
  });

  test('a reader that closes early is no crash, and is told', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(65_536);
    }
    expect(await sh('exec <&-; exit 0', { input: endless() })).toMatchObject({ status: 0, inputTaken: false });
    expect(await failed(sh('echo no >&2; exit 3', { input: 'x'.repeat(1_000_000) }))).toMatchObject({
      message: 'sh failed with status 3: no',
    });
  });

  test('a program that ends while its input waits', async () => {
    async function* silent(): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined);
    }
    expect(await sh('exit 0', { input: silent() })).toMatchObject({ inputTaken: false });
  });

  test('an input that fails stops the program: half an input is never a success', async () => {
    const cause = new Error('disk gone');
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw cause;
    }
    const error = await failed(runProgram('cat', [], { input: broken() }));
    expect(error).toMatchObject({ code: 'program', message: 'cat was stopped: its input failed: disk gone', cause });
  });
});

describe('failures', () => {
  test('status, last line, facts', async () => {
    const error = await failed(sh('echo some; echo first >&2; printf "the last\\033[2K\\n\\n" >&2; exit 3'));
    expect(error).toMatchObject({ code: 'program', message: 'sh failed with status 3: the last\\x1b[2K' });
    expect(error.facts).toMatchObject({
      program: 'sh',
      status: 3,
      signal: null,
      stdout: 'some\n',
      stderr: 'first\nthe last\x1b[2K\n\n',
      timedOut: false,
    });
  });

  test('a signal', async () => {
    expect(await failed(sh('kill -9 $$'))).toMatchObject({
      message: 'sh was killed by SIGKILL',
      facts: { signal: 'SIGKILL' },
    });
  });

  test('which statuses are failures is the choice of the caller', async () => {
    expect(await sh('exit 1', { successStatuses: [0, 1] })).toMatchObject({ status: 1 });
    expect(await failed(sh('exit 0', { successStatuses: [1] }))).toMatchObject({ facts: { status: 0 } });
    expect(await failed(sh('kill -9 $$', { successStatuses: [0, 9, 137] }))).toMatchObject({ code: 'program' });
  });

  test('programs that are not there', async () => {
    const env = { PATH: await scratchFolder() };
    expect(await failed(runProgram('xorriso', [], { env }))).toMatchObject({
      code: 'program',
      message: 'cannot start xorriso: it is not on PATH',
      hint: 'install the package xorriso',
    });
    expect((await failed(runProgram('ssh', [], { env }))).hint).toContain('openssh-client');
    expect((await failed(runProgram('gpg', [], { env }))).hint).toContain('gnupg');
    expect((await failed(runProgram('frobnicate', [], { env }))).hint).toContain('frobnicate');
    expect((await failed(runProgram(`${env.PATH}/x`, []))).message).toContain('no such file');
  });

  test('programs that cannot start', async () => {
    const plain = `${await scratchFolder()}/plain`;
    await writeFile(plain, 'echo');
    expect((await failed(runProgram(plain, []))).message).toContain('permission denied');
    const script = await executable('script', '#!/no/such/interpreter\n');
    expect((await failed(runProgram(script, []))).message).toContain('interpreter');
    expect((await failed(runProgram('true', ['x'.repeat(5_000_000)]))).message).toContain('too long arguments');
    expect((await failed(sh('true', { cwd: '/no/such/folder' }))).message).toContain(
      "working directory '/no/such/folder'",
    );
  });

  test.each([
    ['an argument', ['a\udcff'], {}],
    ['a NUL', ['a\0b'], {}],
    ['a folder', [], { cwd: '/a\udcff' }],
    ['a variable', [], { env: { A: '\udc80' } }],
  ] as const)('what cannot be passed is refused before anything starts: %s', async (_, args, options) => {
    const folder = await scratchFolder();
    const error = await failed(
      sh(`touch ${folder}/started`).then(() => runProgram('touch', [`${folder}/x`, ...args], options)),
    );
    expect(error.code).toBe('refused');
    expect(existsSync(`${folder}/x`)).toBe(false);
  });
});

test.each([
  [100, 100, 0],
  [100, 101, 1],
  [100, 1_000_000, 999_900],
  [101, 300, 199],
  [1, 10, 9],
  [0, 10, 10],
])('output: of %i bytes wanted and %i written, %i are counted only', async (maxOutputBytes, written, truncated) => {
  const text = Array.from({ length: written }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
  const result = await runProgram('cat', [], { input: text, maxOutputBytes });
  expect(result.truncated).toBe(truncated);
  const gap = `\n[${truncated} bytes left out]\n`;
  const half = Math.ceil(maxOutputBytes / 2);
  const tail = text.slice(written - (maxOutputBytes - half));
  expect(result.stdout.toString()).toBe(truncated === 0 ? text : `${text.slice(0, half)}${gap}${tail}`);
});

/** The failure of what never ends by itself, and the time that it was given: as much as it needs to begin, which it says on its output. */
async function overdue(script: string, options?: Parameters<typeof runProgram>[2]) {
  for (let timeoutMs = 300; ; timeoutMs *= 10) {
    const error = await failed(sh(script, { ...options, timeoutMs }));
    // A busy machine may not even have begun.
    if (error.facts.stdout !== '' || timeoutMs > 10_000) return { error, timeoutMs };
  }
}

describe('stopping', () => {
  test('a timeout ends the whole group', async () => {
    const { error, timeoutMs } = await overdue('sleep 1000 & echo waiting >&2; echo $!; wait');
    expect(error).toMatchObject({
      code: 'program',
      message: `sh took longer than ${timeoutMs / 1000} s and was stopped`,
    });
    expect(error.facts).toMatchObject({ timedOut: true, signal: 'SIGTERM', stderr: 'waiting\n' });
    expect(lives(Number(error.facts.stdout))).toBe(false);
  });

  test('who does not listen is killed', async () => {
    // Both the program and its child ignore SIGTERM.
    const script = `trap '' TERM; sleep 1000 & echo $!; while :; do wait; done`;
    const { error } = await overdue(script, { graceMs: 100 });
    expect(error.facts).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    await until('its child is gone too', () => !lives(Number(error.facts.stdout)));
  });

  test('a program that ends well after SIGTERM has still timed out', async () => {
    const { error } = await overdue(`trap 'exit 0' TERM; echo; while :; do sleep 0.01; done`);
    expect(error.facts).toMatchObject({ timedOut: true, status: 0 });
  });

  test('an abort', async () => {
    const folder = await scratchFolder();
    const stop = new AbortController();
    const running = failed(
      sh(`sleep 1000 & echo $! >pid.new; mv pid.new pid; wait`, { cwd: folder, signal: stop.signal }),
    );
    await until('it runs', () => existsSync(`${folder}/pid`));
    const reason = new Error('ctrl-c');
    stop.abort(reason);
    expect(await running).toMatchObject({ code: 'interrupted', message: 'sh was stopped', cause: reason });
    await until('its child is gone', () => !lives(Number(readFileSync(`${folder}/pid`, 'utf8'))));
    expect(await failed(sh('touch started', { cwd: folder, signal: stop.signal }))).toMatchObject({
      code: 'interrupted',
    });
    expect(existsSync(`${folder}/started`)).toBe(false);
  });

  test('an abort after the end changes nothing', async () => {
    const stop = new AbortController();
    expect(await sh('exit 0', { signal: stop.signal })).toMatchObject({ status: 0 });
    stop.abort();
  });

  test('what a program leaves running does not hold us up, and lives on', async () => {
    const result = await sh('sleep 1000 & echo $!', { graceMs: 100 });
    expect(result).toMatchObject({ status: 0, leftRunning: true });
    const pid = Number(result.stdout);
    expect(lives(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  test('output that comes after the end of the program is waited for', async () => {
    const result = await sh('(sleep 0.2; echo late) & echo early');
    expect(result).toMatchObject({ stdout: Buffer.from('early\nlate\n'), leftRunning: false });
  });

  test('output that came while this process stood still is not lost', async () => {
    const late = '(until [ -e go ]; do sleep 0.01; done; echo late; touch said) & echo $$ >pid.new; mv pid.new pid';
    for (let graceMs = 500, isOver = true; isOver; graceMs *= 4) {
      const cwd = await scratchFolder();
      const running = sh(late, { cwd, graceMs });
      isOver = false;
      void running.then(() => {
        isOver = true;
      });
      await until('the program has ended', () => !existsSync(`/proc/${readFileSync(`${cwd}/pid`, 'utf8').trim()}`));
      // Behind a look at what there is to read, and before one at the clock.
      await new Promise((resolve) => setImmediate(resolve));
      // For longer than silence is borne, in the middle of which something is said.
      const standing = `touch go; until [ -e said ]; do sleep 0.01; done; sleep ${graceMs / 1000 + 0.1}`;
      spawnSync('sh', ['-c', standing], { cwd });
      // A busy machine may have come here too late: with more patience then.
      if (isOver) continue;
      expect(await running).toMatchObject({ stdout: Buffer.from('late\n'), leftRunning: false });
      return;
    }
  });

  test('a process that exits takes its programs with it', async () => {
    const folder = await scratchFolder();
    await plainModules(folder, ['errors.ts', 'model', 'programs']);
    const pidFile = `${folder}/pid`;
    const script = `echo $$ >${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 1000`;
    await writeFile(
      `${folder}/driver.js`,
      `import { existsSync } from 'node:fs';
       import { runProgram } from './programs/run-program.js';
       runProgram('sh', ['-c', ${JSON.stringify(script)}]);
       setInterval(() => { if (existsSync(${JSON.stringify(pidFile)})) process.exit(0); }, 10);`,
    );
    await runProgram(process.execPath, [`${folder}/driver.js`]);
    await until('it is gone', () => !lives(Number(readFileSync(pidFile, 'utf8'))));
  });

  test('many at once', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, (_, at) => sh(`echo ${at}`)));
    expect(all.map((one) => Number(one.stdout))).toEqual(all.map((_, at) => at));
    await delay(0);
    expect(process.listenerCount('exit')).toBeLessThan(10);
  });
});

test('findProgram', async () => {
  const program = await executable('tool', '#!/bin/sh\n');
  const folder = program.slice(0, -5);
  await mkdir(`${folder}/sub`);
  await writeFile(`${folder}/data`, '');
  expect(findProgram('tool', `/no/such:${folder}`)).toBe(program);
  expect(findProgram(program)).toBe(program);
  for (const name of ['', 'sub', 'data', 'none', 'a\0b', `${folder}/data`])
    expect(findProgram(name, folder)).toBeUndefined();
  expect(findProgram('sh')).toMatch(/\/sh$/);
});
