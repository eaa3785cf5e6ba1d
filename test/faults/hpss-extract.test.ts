import { existsSync, lstatSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hsi } from '../../src/hpss/hsi.ts';
import { htar } from '../../src/hpss/htar.ts';
import type { FaultRule } from '../../src/sandbox/hpss/faults.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowage } from '../stowage.ts';

const rules = { d1: { 'd1/batch/.*$': 'd1/batch.tar' } };
const content = { 'd1/batch/one': '1'.repeat(3000), 'd1/batch/deep/two 2': 'zwei', 'd1/batch/three': '3'.repeat(700) };
const noReading: FaultRule = { words: ['get'], do: { kind: 'fail', code: -5 } };

async function archived() {
  const at = await hpssPlace(rules);
  plant(at.data, content);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  return { ...at, out: join(at.folder, 'out') };
}

async function adopted() {
  const at = await hpssPlace(rules);
  plant(at.data, content);
  utimesSync(join(at.data, 'd1/batch/one'), 1_500_000_077, 1_500_000_077);
  const { options } = at.hpss;
  const there = `${at.hpssRoot}/data/d1`;
  await hsi(['mkdir', '-p', there], options);
  const made = await htar(['-cf', `${there}/batch.tar`, 'batch'], { ...options, cwd: join(at.data, 'd1') });
  expect(made.status).toBe(0);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  return { ...at, out: join(at.folder, 'out') };
}

test.each([
  ['one that we had htar make', archived],
  ["one of HPSSPy's", adopted],
])('htar takes what is wanted out of %s, and nothing else is read', async (_, make) => {
  const at = await make();
  at.hpss.script(noReading);
  const one = join(at.folder, 'one');
  expect(await stowage('restore', at.config, 'data', 'd1/batch/deep', '--to', one)).toMatchObject({ status: 0 });
  expect(readFileSync(join(one, 'd1/batch/deep/two 2'), 'utf8')).toBe('zwei');
  expect(await stowage('restore', at.config, 'data', '.', '--to', at.out)).toMatchObject({ status: 0 });
  for (const [path, text] of Object.entries(content)) expect(readFileSync(join(at.out, path), 'utf8')).toBe(text);
  const [now, then] = [at.out, at.data].map((folder) => lstatSync(join(folder, 'd1/batch/one')));
  expect([now!.mode, Math.floor(now!.mtimeMs / 1000)]).toEqual([then!.mode, Math.floor(then!.mtimeMs / 1000)]);
  expect(readdirSync(at.out)).toEqual(['d1']);
});

test('what htar leaves out is named, and the rest comes', async () => {
  const at = await archived();
  at.hpss.script(noReading, { tool: 'htar', words: ['-xpf'], do: { kind: 'truncate', bytes: 2000 } });
  const ran = await stowage('restore', at.config, 'data', '.', '--to', at.out, '--json');
  expect(ran.status).toBe(1);
  const outcomes = ran.out
    .split('\n')
    .filter((line) => line.includes('"event":"restored",'))
    .map((line) => JSON.parse(line));
  expect(outcomes.length).toBe(3);
  for (const { path, outcome } of outcomes) {
    expect(existsSync(join(at.out, path)), path).toBe(outcome === 'restored');
    if (outcome === 'restored')
      expect(readFileSync(join(at.out, path), 'utf8')).toBe(content[path as keyof typeof content]);
  }
  expect(outcomes.some(({ outcome }) => outcome === 'failed')).toBe(true);
  at.hpss.script();
  expect((await stowage('restore', at.config, 'data', '.', '--to', at.out)).status).toBe(0);
});

test('what htar left half because it broke off is not told to be damaged in the archive', async () => {
  const at = await archived();
  at.hpss.script(noReading, { tool: 'htar', words: ['-xpf'], do: { kind: 'drop', bytes: 2000 } });
  const ran = await stowage('restore', at.config, 'data', '.', '--to', at.out);
  expect([1, 4], ran.out + ran.err).toContain(ran.status);
  expect(ran.out + ran.err).not.toContain('is not what was archived');
  expect(ran.out + ran.err).toContain('htar cannot take members out');
  expect(existsSync(join(at.out, 'd1/batch/one'))).toBe(false);
  at.hpss.script();
  expect((await stowage('restore', at.config, 'data', '.', '--to', at.out)).status).toBe(0);
});

test.each([
  ['what htar says it took out and did not', { do: { kind: 'lie', does: false, says: 'success' } }, 1],
  ['an htar that fails', { do: { kind: 'fail', code: -13 } }, 4],
  ['a login that is not valid any more', { do: { kind: 'expire' } }, 4],
] as const)('%s is no success, and nothing is left', async (_, fault, status) => {
  const at = await archived();
  at.hpss.script({ tool: 'htar', words: ['-xpf'], ...fault });
  const ran = await stowage('restore', at.config, 'data', '.', '--to', at.out);
  expect(ran.status, ran.out + ran.err).toBe(status);
  expect(existsSync(join(at.out, 'd1/batch/one'))).toBe(false);
  if (existsSync(at.out)) expect(readdirSync(at.out).filter((name) => name !== 'd1')).toEqual([]);
  at.hpss.script();
  expect((await stowage('restore', at.config, 'data', '.', '--to', at.out)).status).toBe(0);
});

test('another content under the right name and size does not become a file', async () => {
  const at = await archived();
  const path = at.hpss.local(`${at.hpssRoot}/data/d1/batch.tar`);
  const bytes = readFileSync(path);
  bytes.write('9', bytes.indexOf('3'.repeat(700)) + 5);
  writeFileSync(path, bytes);
  const ran = await stowage('restore', at.config, 'data', '.', '--to', at.out);
  expect(ran.status, ran.out + ran.err).toBe(1);
  expect(existsSync(join(at.out, 'd1/batch/three'))).toBe(false);
  expect(readFileSync(join(at.out, 'd1/batch/one'), 'utf8')).toBe(content['d1/batch/one']);
});

test('names that htar cannot be asked for are read out of the archive', async () => {
  const at = await hpssPlace({ d1: { 'd1/batch/.*$': 'd1/batch.tar' } });
  plant(at.data, { 'd1/batch/-x': 'option', 'd1/batch/plain': 'plain' });
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  const out = join(at.folder, 'out');
  expect(await stowage('restore', at.config, 'data', '.', '--to', out)).toMatchObject({ status: 0 });
  expect(readFileSync(join(out, 'd1/batch/-x'), 'utf8')).toBe('option');
});
