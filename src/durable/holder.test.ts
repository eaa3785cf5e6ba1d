import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import { until } from '../../test/waiting.ts';
import { holderState, parseStat, thisHolder } from './holder.ts';

const linux = needing(existsSync('/proc/self/stat')).test;
const here = thisHolder();

test.each([
  ['this process', here, 'alive'],
  ['another host', { ...here, host: 'other.example' }, 'elsewhere'],
  ['another boot', { ...here, bootId: '0' }, 'dead'],
  ['another boot of a machine without a name', { ...here, host: 'localhost', bootId: '0' }, 'elsewhere'],
  ['another container', { ...here, pidNamespace: 'pid:[1]' }, 'elsewhere'],
  ['the same process id, given anew', { ...here, startTime: '1' }, 'dead'],
  ['no such process', { ...here, pid: spawnSync(process.execPath, ['-e', '']).pid }, 'dead'],
] as const)('%s', (_, holder, state) => {
  if (!existsSync('/proc/self/stat') && state === 'dead' && holder.pid === here.pid) return;
  expect(holderState(holder)).toBe(state);
});

linux('a child that lives, and the same one as a zombie', async () => {
  // The shell does not wait for its child before it reads a line.
  const shell = spawn('sh', ['-c', 'sleep 1000 & echo $!; read line; kill $!; read line'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  const pid = Number((await once(shell.stdout, 'data'))[0]);
  expect(holderState({ ...here, pid, startTime: undefined as never })).toBe('alive');
  shell.stdin.write('\n');
  await until('it is dead', () => holderState({ ...here, pid, startTime: undefined as never }) === 'dead');
});

const rest = 'S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21';
test.each([
  [`12 (node) ${rest}`, { startTime: '4711', ended: false }],
  [`12 (a) R (b c) ) ${rest}`, { startTime: '4711', ended: false }],
  [`12 (x) ${rest.replace('S', 'Z')}`, { startTime: '4711', ended: true }],
  ['12 (x) S 1', undefined],
  ['', undefined],
])('%s', (text, expected) => {
  expect(parseStat(text)).toEqual(expected);
});
