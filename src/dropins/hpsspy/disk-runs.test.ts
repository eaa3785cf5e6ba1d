import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import type { EntryType } from '../../model/entry.ts';
import { joinPath } from '../../model/relative-path.ts';
import { type ListingRow, rowLine } from '../../shards/listing-row.ts';
import { diskRows } from './disk-rows.ts';
import { diskRun } from './disk-run.ts';
import type { DirectoryBytes } from './disk-run-file.ts';
import { diskRuns } from './disk-runs.ts';

const disks = ['/one', '/two'];
const names = ['a', 'b', 'a.fits', 'a-b', 'A', '%', 'a,b', 'q"q', 'ü', '\ud83d\ude00', '\uffee', '\udcff', 'x\ny', '-'];
const types: readonly EntryType[] = ['file', 'file', 'file', 'file', 'directory', 'link', 'fifo', 'socket'];
const nanoseconds = fc.constantFrom(0n, 5n, 123_456_789n, 999_000_000n, 999_999_800n, 999_999_900n, 999_999_999n);
const seconds = fc.constantFrom(0n, 1n, 9n, 1_700_000_000n, 4_000_000_000n, 99_999_999_999n, -1n, -1_700_000_000n);

const anyRow = fc.record({
  disk: fc.constantFrom(...disks),
  path: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  what: fc.constantFrom('entry', 'entry', 'entry', 'entry', 'empty', 'unseen', 'unread'),
  type: fc.constantFrom(...types),
  bytes: fc.constantFrom(0, 7, 1_048_576, Number.MAX_SAFE_INTEGER),
  time: fc.tuple(seconds, nanoseconds).map(([whole, rest]) => whole * 1_000_000_000n + rest),
});

/** As walks find them: each name once, and those of a directory mostly side by side and sorted. */
const anyRows = fc.array(anyRow, { maxLength: 60 }).map((all) => {
  const seen = new Set<string>();
  const rows: ListingRow[] = [];
  for (const { disk, path, what, type, bytes, time } of all.sort((a, b) =>
    joinPath(a.disk, a.path) < joinPath(b.disk, b.path) ? -1 : 1,
  )) {
    const key = `${disk}\0${path}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (what === 'empty') {
      // Its parent has it as well.
      rows.push({ path, disk, type: 'directory', bytes: 0, mtimeNs: time, mode: 0o755, uid: 0, gid: 0 });
      rows.push({ path, disk, kind: 'empty' });
    } else if (what !== 'entry') {
      rows.push({ path, disk, kind: 'unreadable', directory: what === 'unread', reason: 'permission denied' });
    } else {
      const target = type === 'link' ? { target: 'x,\n' } : {};
      rows.push({
        path,
        disk,
        type,
        bytes: type === 'file' ? bytes : 0,
        mtimeNs: time,
        mode: 0o644,
        uid: 0,
        gid: 0,
        ...target,
      });
    }
  }
  return rows;
});

const linesOf = (rows: readonly ListingRow[]) => rows.map((row) => rowLine(row, disks.indexOf(row.disk))).join('');
const shown = (all: Iterable<Omit<DirectoryBytes, 'text'> & { readonly text: string | Uint8Array }>) =>
  [...all].map((one) => ({ ...one, text: Buffer.from(one.text as string).toString('utf8') }));

test('however a listing is cut up and mixed, its directories are those of all of it at once', async () => {
  const folder = await scratchFolder();
  let number = 0;
  const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(anyRows, cuts, fc.boolean(), fc.constantFrom(0, 300, 1e9), async (rows, cuts, turned, most) => {
      const own = `${folder}/${number++}`;
      mkdirSync(own);
      const runs = diskRuns(own, most);
      const at = [0, ...cuts.filter((cut) => cut < rows.length).sort((a, b) => a - b), rows.length];
      const parts = at.slice(1).map((end, index) => rows.slice(at[index], end));
      for (const part of turned ? parts.reverse() : parts) {
        await runs.writer.add(diskRows(Buffer.from(linesOf(part)), disks), part.length);
      }
      expect(shown(runs.directories())).toEqual(shown(diskRun(linesOf(rows), disks)));
    }),
    { numRuns: 300 },
  );
});

test('names that do not come sorted are', () => {
  const file = (path: string): ListingRow => ({
    path,
    disk: '/one',
    type: 'file',
    bytes: 1,
    mtimeNs: 10n ** 18n,
    mode: 0,
    uid: 0,
    gid: 0,
  });
  const paths = ['d/b', 'd/a', 'd/ab', 'd/a-', 'e/z', 'd/c'];
  const made = Buffer.from(diskRows(Buffer.from(linesOf(paths.map(file))), disks)).toString();
  expect([...made.matchAll(/^[de]\/[^,]*(?=,1,1000000000\r$)/gm)].map(([path]) => path)).toEqual([
    ...['d/a', 'd/a-', 'd/ab', 'd/b'],
    ...['e/z', 'd/c'],
  ]);
});

test('what two parts say of one directory by turns comes sorted', async () => {
  const folder = await scratchFolder();
  const file = (name: string): ListingRow => ({
    ...{ path: `d/${name}`, disk: '/one', type: 'file', bytes: 1, mtimeNs: 10n ** 18n },
    ...{ mode: 0, uid: 0, gid: 0 },
  });
  for (const [one, other] of [
    [
      ['a', 'c'],
      ['b', 'd'],
    ],
    [
      ['c', 'd'],
      ['a', 'b'],
    ],
    [
      ['a', 'a-', 'ab'],
      ['a ', 'a.'],
    ],
    [['a', 'd'], ['b']],
    [
      ['a', 'b'],
      ['c', 'ü'],
    ],
    [
      ['a', 'c,c'],
      ['b', 'd'],
    ],
  ] as const) {
    const runs = diskRuns(folder);
    for (const names of [one, other]) await runs.writer.add(diskRows(Buffer.from(linesOf(names.map(file))), disks), 2);
    const all = linesOf([...one, ...other].map(file));
    expect(shown(runs.directories())).toEqual(shown(diskRun(all, disks)));
  }
});
