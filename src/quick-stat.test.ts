import { execFileSync, spawnSync } from 'node:child_process';
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratchFolder } from '../test/scratch-folder.ts';
import { fsPath } from './model/byte-name.ts';
import { quickFstat, quickLstat, quickStat, type StatBinding, type StatFields, statField } from './quick-stat.ts';

const isRoot = process.getuid?.() === 0;
const node = { lstatSync, fstatSync };
const bindingOfNode = () => (process as unknown as { binding(name: string): StatBinding }).binding('fs');

function looksOf(fields: StatFields | undefined) {
  if (fields === undefined) return undefined;
  const at = (place: keyof typeof statField) => BigInt(fields[statField[place]]!);
  const whole = [at('device'), at('mode'), at('links'), at('user'), at('group'), at('inode'), at('bytes')];
  return [...whole, at('seconds') * 1_000_000_000n + at('nanoseconds')];
}

function plainLooks(stats: BigIntStats) {
  return [stats.dev, stats.mode, stats.nlink, stats.uid, stats.gid, stats.ino, stats.size, stats.mtimeNs];
}

test('there is a quick way on every Node that calls its own as we do', () => {
  const isKnown = /options\.throwIfNoEntry,?\s*\)/.test(`${lstatSync}`);
  expect(quickLstat(process.execPath) !== undefined).toBe(isKnown && process.platform !== 'win32');
});

test('what is quickly seen of anything is what node:fs says of it', async () => {
  const folder = await scratchFolder();
  const at = (name: string) => fsPath(join(folder, name));
  for (const name of ['plain', '\udcff', 'new\nline', 'ü', '-rf', 'x'.repeat(255), 'huge', 'old', 'late', 'shared'])
    writeFileSync(at(name), name);
  truncateSync(at('huge'), 2 ** 31 + 2 ** 33 + 7);
  mkdirSync(at('folder'));
  mkdirSync(at('closed'));
  writeFileSync(at('closed/in'), '');
  symlinkSync('nowhere', at('link'));
  symlinkSync('closed', at('link to a folder'));
  linkSync(at('shared'), at('shared too'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  if (isRoot) chownSync(at('plain'), 12, 4_000_000_000);
  chmodSync(at('plain'), 0o4751);
  execFileSync('touch', ['-d', '2001-02-03 04:05:06.000000009 UTC', join(folder, 'plain')]);
  execFileSync('touch', ['-d', '@-1.5', join(folder, 'old')]);
  execFileSync('touch', ['-d', '2400-01-01', join(folder, 'late')]);
  const seen = [
    ...['plain', '\udcff', 'new\nline', 'ü', '-rf', 'x'.repeat(255), 'huge', 'folder', 'link', 'link to a folder'],
    ...['shared', 'shared too', 'pipe', '.', '..'],
  ].map(at);
  for (const path of [...seen, '/dev/null', '/', Buffer.from('/usr')]) {
    expect(looksOf(quickLstat(path)), String(path)).toEqual(plainLooks(lstatSync(path, { bigint: true })));
  }
  // Beyond what is told in exact numbers, or not there: then node:fs is asked.
  for (const path of ['old', 'late', 'absent', 'plain/below', 'absent/below', 'y'.repeat(300)].map(at)) {
    expect(quickLstat(path), String(path)).toBeUndefined();
  }
  // A failure leaves nothing behind that the next look would find.
  expect(looksOf(quickLstat(at('plain')))).toEqual(plainLooks(lstatSync(at('plain'), { bigint: true })));
  const file = openSync(at('plain'), 'r');
  onTestFinished(() => closeSync(file));
  expect(looksOf(quickFstat(file))).toEqual(plainLooks(fstatSync(file, { bigint: true })));
  expect(quickFstat(2 ** 30)).toBeUndefined();
});

test('where it cannot be sure there is no quick way', () => {
  const quick = (binding: () => StatBinding | undefined, plain: typeof node = node) =>
    quickStat(binding, plain).lstat(process.execPath);
  const changed = (place: number): StatBinding => {
    const binding = bindingOfNode();
    const lstat: StatBinding['lstat'] = (...all) => {
      const fields = Float64Array.from(binding.lstat(...all) as StatFields);
      fields[place]! += 1;
      return fields;
    };
    return { lstat, fstat: binding.fstat };
  };
  for (const place of Object.values(statField))
    expect(
      quick(() => changed(place)),
      String(place),
    ).toBeUndefined();
  const called: string[] = [];
  const watched: StatBinding = { ...bindingOfNode(), lstat: () => called.push('lstat') };
  expect(quick(() => watched)).toBeUndefined();
  // Called as this Node does not call it, it might end the process: it is not even asked.
  const other = Object.assign(() => undefined, {
    toString: () => 'binding.lstat(path, options.bigint, undefined, ctx)',
  });
  called.length = 0;
  expect(quick(() => watched, { ...node, lstatSync: other as unknown as typeof lstatSync })).toBeUndefined();
  expect(quick(() => watched, { ...node, fstatSync: other as unknown as typeof fstatSync })).toBeUndefined();
  expect(called).toEqual([]);
  expect(quick(() => undefined)).toBeUndefined();
  const failing = () => {
    throw new Error('there is none');
  };
  expect(quick(failing)).toBeUndefined();
  expect(quick(() => ({ lstat: failing, fstat: failing }))).toBeUndefined();
  expect(quick(() => ({ lstat: () => undefined, fstat: () => undefined }))).toBeUndefined();
});

test('it warns of nothing, whatever Node is told to warn of', () => {
  const main = join(import.meta.dirname, '../dist/scan-task.mjs');
  const after = spawnSync(process.execPath, ['--pending-deprecation', main], { encoding: 'utf8' });
  expect([after.stderr, after.status]).toEqual(['', 0]);
});
