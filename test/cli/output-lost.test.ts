import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { builtCli, runProgram } from '../built-cli.ts';
import { type Place, place, plant, stowage } from '../stowage.ts';

/** What standard output does not take, a pipe that nobody reads or a full disk, stops no work and makes no success of a failure. */
const many = 300;
let at: Place;
let program: string;

beforeAll(() => {
  program = builtCli();
});
beforeEach(async () => {
  at = await place({ d: { 'd/(.*)$': 'd/\\1' } });
  plant(at.data, Object.fromEntries(Array.from({ length: many }, (_, index) => [`d/${index}`, String(index)])));
});

/** Its standard output is a pipe that was closed on the other side before anything was written. */
const unread = (line: string) => inBash(`{ ${line}; echo $? >&2; } | exec true`);
const intoFull = (line: string) => inBash(`${line} >/dev/full`);
const inBash = (line: string) => runProgram('bash', ['-c', `stowage() { node "$0" "$@"; }; ${line}`, program]);

test('archive, whose reader has gone, archives everything', async () => {
  const { err } = await unread(`stowage archive ${at.config} data`);
  expect(err).toBe('0\n');
  const { out } = await stowage('missing', at.config, 'data');
  expect(out).toContain(`${many} archives up to date, nothing is missing`);
});

test('restore, whose reader has gone, restores everything', async () => {
  await stowage('archive', at.config, 'data');
  const to = join(at.folder, 'back');
  expect((await unread(`stowage restore ${at.config} data . --to ${to}`)).err).toBe('0\n');
  expect(readdirSync(join(to, 'd'))).toHaveLength(many);
});

test('find ends where its reader has gone, and that is no failure', async () => {
  await stowage('archive', at.config, 'data');
  expect((await unread(`stowage find ${at.config} d/`)).err).toBe('0\n');
});

test('on a full disk the work is done, what is amiss is said, and the status is 4', async () => {
  const { status, err } = await intoFull(`stowage archive ${at.config} data`);
  expect([status, err]).toEqual([4, 'stowage: cannot write to standard output: no space left on the device\n']);
  expect((await stowage('missing', at.config, 'data')).status).toBe(0);
});

test.each([['--version'], ['--help']])('%s says that it cannot write, without a stack trace', async (option) => {
  const { status, err } = await intoFull(`stowage ${option}`);
  expect([status, err]).toEqual([4, 'stowage: cannot write to standard output: no space left on the device\n']);
});

test.each([
  ['missing-from-hpss', 'missing_from_hpss: ', ['--help'], 1],
  ['cback3', 'cback3: ', ['--diagnostics'], 3],
  ['alien', '', ['version'], 28],
] as const)('%s says that it cannot write, without a stack trace', async (file, name, args, expected) => {
  const script = fileURLToPath(new URL(`../../dist/${file}.mjs`, import.meta.url));
  const { status, err } = await runProgram('bash', ['-c', 'node "$0" "$@" >/dev/full', script, ...args]);
  expect([status, err]).toEqual([expected, `${name}cannot write to standard output: no space left on the device\n`]);
});
