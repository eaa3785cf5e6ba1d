import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { builtCli, runCli } from '../built-cli.ts';
import { heldCli } from '../held-cli.ts';
import { type Place, place, plant, stowage } from '../stowage.ts';
import { until } from '../waiting.ts';

let at: Place;
let log: string;
beforeEach(async () => {
  at = await place({ d: { 'd/.*$': 'd.tar' } });
  plant(at.data, { 'd/a': 'a', 'd/b': 'b', unmapped: 'x' });
  log = join(at.folder, 'log');
});

type Line = Readonly<Record<string, unknown>> & { readonly log: string; readonly run: string };

/** The lines of a log; each must be JSON. */
function linesIn(path: string): readonly Line[] {
  const text = readFileSync(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

test('a run is logged from its beginning to its end', async () => {
  const { status } = await stowage('archive', at.config, 'data', '--log-file', log);
  const lines = linesIn(log);
  expect(lines[0]).toMatchObject({
    log: 'begin',
    stowage: version,
    node: process.versions.node,
    cwd: process.cwd(),
    argv: ['archive', at.config, 'data', '--log-file', log],
  });
  const sha256 = createHash('sha256').update(readFileSync(at.config)).digest('hex');
  expect(lines[1]).toMatchObject({ log: 'configuration', path: at.config, sha256 });
  const events = lines.filter((line) => line.log === 'event').map((line) => line.event);
  expect(events).toEqual(['surveyed', 'finding', 'stored', 'archived']);
  expect(lines.filter((line) => line.log === 'stage').map((line) => line.stage)).toEqual(['scan', 'archive']);
  expect(lines.at(-1)).toMatchObject({ log: 'end', status, peakBytes: expect.any(Number) });
  expect(new Set(lines.map((line) => line.run)).size).toBe(1);
  expect(statSync(log).mode & 0o777).toBe(0o600);
});

test('one file takes many runs, and a line that a killed run left torn harms none', async () => {
  await stowage('status', at.config, '--log-file', log);
  writeFileSync(log, '{"torn', { flag: 'a' });
  await stowage('missing', at.config, 'data', '--log-file', log);
  const text = readFileSync(log, 'utf8');
  expect(text.match(/"log":"begin"/g)).toHaveLength(2);
  expect(text).toContain('\n{"torn\n{"at":');
});

test('an error is logged with its causes and their stacks, and the status of the run', async () => {
  rmSync(at.config);
  const { status } = await stowage('missing', at.config, 'data', '--log-file', log);
  const lines = linesIn(log);
  expect(lines.map((line) => line.log)).toEqual(['begin', 'configuration', 'error', 'end']);
  expect(lines[1]).toMatchObject({ problem: 'no such file or directory' });
  const [outer, inner] = lines[2]!.causes as Record<string, unknown>[];
  expect(outer).toMatchObject({ code: 'configuration', stack: expect.stringContaining('inspectConfiguration') });
  expect(inner).toMatchObject({ code: 'ENOENT', syscall: 'open' });
  expect(lines[3]).toMatchObject({ status });
});

test('no secret is logged, wherever it stands', async () => {
  const store = 'ftp://me:geheim@host/vault';
  writeFileSync(at.config, JSON.stringify({ __config__: { root: at.root, store }, data: { __exclude__: [] } }));
  await stowage('missing', at.config, 'data', '--state', 'x://me:geheim@host', '--log-file', log);
  await stowage('check', at.config, '--log-file', log);
  expect(readFileSync(log, 'utf8')).not.toContain('geheim');
});

describe('a log changes nothing but itself', () => {
  test.each([
    ['missing', 'data'],
    ['missing', 'data', '--json'],
    ['check'],
    ['missing', 'absent'],
    ['find', 'nothing'],
    ['explain', 'data', 'd/a', 'unmapped'],
  ])('%s %s %s', async (name, ...rest) => {
    const plain = await stowage(name, at.config, ...rest);
    expect(await stowage(name, at.config, ...rest, '--log-file', log)).toEqual(plain);
  });

  test.each([
    ['a folder that is not there', () => join(at.folder, 'absent/log'), 'no such file or directory'],
    ['a folder', () => at.folder, 'is a directory'],
    ['a full disk', () => '/dev/full', 'no space left on the device'],
    [
      'a pipe that nobody reads',
      () => {
        execFileSync('mkfifo', [log]);
        return log;
      },
      'nobody reads from the pipe',
    ],
  ])('%s: that it cannot be written is told once, and the run is the same', async (_, path, reason) => {
    const plain = await stowage('missing', at.config, 'data');
    const { status, out, err } = await stowage('missing', at.config, 'data', '--log-file', path());
    expect([status, out]).toEqual([plain.status, plain.out]);
    expect(err.match(/cannot write the log .*; the run goes on without it/g)).toHaveLength(1);
    expect(err).toContain(reason);
    expect(existsSync(join(at.folder, 'absent'))).toBe(false);
  });
});

describe('a run that is stopped', () => {
  beforeAll(() => {
    builtCli();
  });

  /** A run that is held in the middle. */
  async function started() {
    mkdirSync(join(at.data, 'd'), { recursive: true });
    writeFileSync(join(at.data, 'd/large'), '');
    truncateSync(join(at.data, 'd/large'), 2 ** 26);
    const run = await heldCli(at.folder, ['.stowage/tmp/'], ['archive', at.config, 'data', '--log-file', log]);
    await until('the log has an event', () => existsSync(log) && readFileSync(log, 'utf8').includes('"event":'));
    return run;
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s has everything in its log', async (signal) => {
    const { child, ended, goOn } = await started();
    child.kill(signal);
    goOn();
    const { status } = await ended;
    const lines = linesIn(log);
    expect(lines.some((line) => line.log === 'signal' && line.signal === signal)).toBe(true);
    if (signal !== 'SIGHUP') expect(lines.at(-1)).toMatchObject({ log: 'end', status });
    else expect(child.signalCode).toBe('SIGHUP');
  });

  test('by SIGKILL has whole lines up to a tenth of a second before', async () => {
    const { child, ended } = await started();
    child.kill('SIGKILL');
    await ended;
    expect(linesIn(log)[0]).toMatchObject({ log: 'begin' });
  });
});

test('a reader that has enough ends the run, and the log says so', async () => {
  const main = builtCli();
  const script = '"$0" "$1" explain "$2" data $(seq 20000) --log-file "$3" | head -c 100 >/dev/null';
  execFileSync('sh', ['-c', script, process.execPath, main, at.config, log]);
  expect(linesIn(log).at(-1)).toMatchObject({ status: expect.any(Number) });
  expect((await runCli('status', at.config, '--log-file', log)).status).toBe(0);
});
