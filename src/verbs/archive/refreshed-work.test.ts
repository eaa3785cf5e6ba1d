import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { storeKey } from '../../model/store-key.ts';
import { entryOf } from '../../scan/entry-of.ts';
import { rowLine } from '../../shards/listing-row.ts';
import { refreshedWork } from './refreshed-work.ts';

const plan = { format: 'tar', key: storeKey('s/a.tar') } as const;

async function place() {
  const folder = await scratchFolder();
  const roots = [join(folder, 'one'), join(folder, 'two')];
  for (const root of roots) mkdirSync(root);
  const now = (disk: number, name: string, target?: string) => {
    const entry = entryOf(roots[disk]!, name, lstatSync(join(roots[disk]!, name), { bigint: true }))!;
    return rowLine(target === undefined ? entry : { ...entry, target }, disk).slice(0, -1);
  };
  return { folder, roots, now, work: join(folder, 'work') };
}

test.each(['in memory', 'on disk'])('each line says what is there now, %s, as often as it is asked', async (where) => {
  const { roots, now, work } = await place();
  writeFileSync(join(roots[0]!, 'a'), 'x');
  writeFileSync(join(roots[1]!, 'b'), 'x');
  symlinkSync('old', join(roots[1]!, 'c'));
  const before = [now(0, 'a'), now(1, 'b'), now(1, 'c', 'old')];
  appendFileSync(join(roots[1]!, 'b'), 'more');
  rmSync(join(roots[1]!, 'c'));
  symlinkSync('new,%', join(roots[1]!, 'c'));
  const planned = { lines: before, carried: [], emptyDirectories: ['e'] };
  const path = where === 'on disk' ? work : undefined;
  const refreshed = refreshedWork(plan, planned, { roots, unreadable: new Map() }, path)!;
  const expected = [before[0], now(1, 'b'), now(1, 'c', 'new,%')];
  expect(expected).not.toEqual(before);
  for (const _ of ['once', 'again']) expect([...refreshed.work.lines]).toEqual(expected);
  expect(refreshed.work.emptyDirectories).toEqual(['e']);
  refreshed.discard();
  refreshed.discard();
  expect(existsSync(work)).toBe(false);
});

test.each(['gone', 'a folder by now', 'known to be unreadable'])(
  'what is %s is not packed but looked into',
  async (what) => {
    const { folder, roots, now, work } = await place();
    for (let index = 0; index < 9000; index += 1) writeFileSync(join(roots[0]!, String(index).padStart(4, '0')), '');
    const lines = readdirSync(roots[0]!).map((name) => now(0, name));
    const last = join(roots[0]!, '8999');
    if (what !== 'known to be unreadable') rmSync(last);
    if (what === 'a folder by now') mkdirSync(last);
    const unreadable = new Map(what === 'known to be unreadable' ? [['8999', 'so it was']] : []);
    const planned = { lines, carried: [], emptyDirectories: [] };
    expect(refreshedWork(plan, planned, { roots, unreadable }, work)).toBeUndefined();
    expect(readdirSync(folder).sort()).toEqual(['one', 'two']);
  },
);
