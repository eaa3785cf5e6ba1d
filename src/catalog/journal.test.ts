import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { realFiles } from '../durable/real-files.ts';
import type { Manifest } from '../model/manifest.ts';
import { storeKey } from '../model/store-key.ts';
import { openCatalog } from './catalog.ts';
import { journalLine, parseJournalLine } from './journal-line.ts';
import { wholeLines } from './journal-lines.ts';
import { readJournal } from './journal-reader.ts';
import { journalWriter } from './journal-writer.ts';
import type { JournalRecord, RunRecord } from './records.ts';
import { journalPath, newRunName, recordedSections, runsOf } from './state-folder.ts';

const run = '20240101T000000.000Z-00000000';
const first: RunRecord = {
  kind: 'run',
  format: 1,
  run,
  verb: 'archive',
  section: 'data',
  root: '/r',
  store: 'dir:/v',
  at: '2024',
  stowage: '0',
};
const identity = { root: '/r', store: 'dir:/v' };

describe('a line', () => {
  test('any record comes back', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
          fc.jsonValue(),
          { minKeys: 1 },
        ),
        (record) => {
          const line = journalLine(record);
          expect(line.indexOf('\n')).toBe(line.length - 1);
          const { crc, ...rest } = parseJournalLine(Buffer.from(line.slice(0, -1))) as Record<string, unknown>;
          // The checksum is for the line, not for its reader.
          expect(crc).toBeUndefined();
          expect(rest).toEqual(JSON.parse(JSON.stringify(record)));
        },
      ),
    );
  });

  test('is plain JSON with the checksum as its last field', () => {
    const parsed = JSON.parse(journalLine({ kind: 'end', at: '2024' }));
    expect(Object.keys(parsed)).toEqual(['kind', 'at', 'crc']);
  });

  test('every flipped bit, lost and doubled byte of it is noticed', () => {
    const line = journalLine({ kind: 'member', path: 'ü"x', bytes: 12 }).slice(0, -1);
    const bytes = Buffer.from(line);
    const broken = (changed: Buffer) => () => parseJournalLine(changed);
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << bit;
        expect(broken(changed), `bit ${bit} of byte ${at}`).toThrow(expect.objectContaining({ code: 'corrupt' }));
      }
      expect(broken(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])), `byte ${at} lost`).toThrow();
      expect(
        broken(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + 1), bytes.subarray(at)])),
        `byte ${at} doubled`,
      ).toThrow();
    }
  });

  test.each(['', '{}', 'x', '{"crc":"00000000"}', ',"crc":"00000000"}'])('%j is none', (line) => {
    expect(() => parseJournalLine(Buffer.from(line))).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});

async function written(...records: readonly JournalRecord[]): Promise<{ state: { path: string }; path: string }> {
  const state = { path: await scratchFolder() };
  const path = journalPath(state, 'data', run);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, records.map(journalLine).join(''));
  return { state, path };
}

async function kinds(path: string): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const batch of readJournal(path)) all.push(...batch.map((one) => one.kind));
  return all;
}

const end: JournalRecord = { kind: 'end', at: '2025' };

describe('a journal', () => {
  test.each([
    ['whole', '', ['run', 'end']],
    ['a torn last line', '{"kind":"end"', ['run', 'end']],
    ['a bad last line', '{"kind":"end"}\n', ['run', 'end']],
    ['zeros at its end, as after a crash', '\0\0\0\0', ['run', 'end']],
  ])('%s: what is before counts', async (_, tail, expected) => {
    const { path } = await written(first, end);
    appendFileSync(path, tail);
    expect(await kinds(path)).toEqual(expected);
  });

  test.each([
    ['a bad line in the middle', (lines: string[]) => [lines[0]!, 'garbage\n', lines[1]!]],
    ['a bad first line', (lines: string[]) => ['garbage\n', ...lines]],
    ['two bad lines at the end', (lines: string[]) => [...lines, 'garbage\n', 'garbage\n']],
    ['a bad line and a torn one', (lines: string[]) => [...lines, 'garbage\n', 'torn']],
  ])('%s is corrupt', async (_, change) => {
    const { path } = await written();
    writeFileSync(path, change([journalLine(first), journalLine(end)]).join(''));
    await expect(kinds(path)).rejects.toMatchObject({
      code: 'corrupt',
      hint: expect.stringContaining('rebuild-catalog'),
    });
  });

  test('that cannot be read is unavailable', async () => {
    await expect(kinds(`${await scratchFolder()}/none`)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('over many chunks comes whole, and a copy is cut at its last good line', async () => {
    const { path } = await written(first);
    const line = journalLine({ kind: 'discarded', token: 't'.repeat(1000), key: 'k' });
    appendFileSync(path, line.repeat(3000));
    appendFileSync(path, line.slice(0, 500));
    expect((await kinds(path)).length).toBe(3001);
    const copy: Uint8Array[] = [];
    for await (const chunk of wholeLines(path)) copy.push(chunk);
    expect(Buffer.concat(copy).equals(Buffer.from(journalLine(first) + line.repeat(3000)))).toBe(true);
  });

  test.each([
    ['all good', (text: string) => text, 2],
    ['torn', (text: string) => text.slice(0, -5), 1],
    ['torn before the line end', (text: string) => text.slice(0, -1), 1],
    ['the last line bad', (text: string) => text.replace('2025', '2026'), 1],
    ['only a torn line', () => '{"ki', 0],
    ['empty', () => '', 0],
  ])('a copy of one that is %s holds %s', async (_, change, count) => {
    const { path } = await written(first, end);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    const copy: Uint8Array[] = [];
    for await (const chunk of wholeLines(path)) copy.push(chunk);
    expect(Buffer.concat(copy).toString()).toBe([first, end].slice(0, count).map(journalLine).join(''));
  });
});

test('a manifest comes back as it was written, names, times and all', async () => {
  const state = { path: await scratchFolder() };
  const writer = await journalWriter(realFiles, state, first);
  const facts = { bytes: 3, mtimeNs: -1n, mode: 0o4755, uid: 1, gid: 2 };
  const manifest: Manifest = {
    key: storeKey('data/\udcff.tar'),
    format: 'tar',
    bytes: 2048,
    sha256: 'ab',
    base: 'd\udcfe',
    adopted: true,
    digestsFrom: 'reading',
    foreign: [{ path: 'x\udcff', what: 'a pipe' }],
    members: [
      { path: 'a\udcff', type: 'file', sha256: 'cd', offset: 512, torn: true, ...facts },
      { path: 'b', type: 'file', hardLink: 'a\udcff', ...facts },
      { path: 'c', type: 'link', target: '\udc80', ...facts, bytes: 0 },
    ],
  };
  await writer.addManifest('t', manifest);
  await writer.add({
    kind: 'recorded',
    token: 't',
    key: manifest.key,
    bytes: 2048,
    version: 'v',
    modified: '5.000000001',
    level: 'size',
    at: '2024',
  });
  await writer.commit();
  await writer.close();
  const catalog = await openCatalog(state, 'data', identity);
  const record = catalog.archives.get(manifest.key)!;
  expect(await catalog.manifestOf(record)).toEqual(manifest);
  expect(record.head).toMatchObject({ members: 3, contentMembers: 3, contentBytes: 3 });
  expect(record).toMatchObject({ version: 'v', modifiedNs: 5_000_000_001n, recordedAt: '2024', run });
});

test('the members of a manifest stay together, whatever is added meanwhile', async () => {
  const state = { path: await scratchFolder() };
  const writer = await journalWriter(realFiles, state, first);
  const facts = { type: 'file', bytes: 3, mtimeNs: 0n, mode: 0, uid: 1, gid: 2 } as const;
  const members = Array.from({ length: 10_000 }, (_, index) => ({ path: String(index).padStart(5, '0'), ...facts }));
  const archives = ['x', 'y'].map((name): Manifest => {
    const key = storeKey(`data/${name}.tar`);
    return { key, format: 'tar', bytes: 1, base: '', adopted: false, digestsFrom: 'none', members };
  });
  await Promise.all(
    archives.flatMap(({ key, ...rest }) => [
      writer.addManifest(key, { key, ...rest }),
      writer.add({ kind: 'recorded', token: key, key, bytes: 1, version: 'v', level: 'size', at: '2024' }),
      writer.commit(),
    ]),
  );
  await writer.close();
  const catalog = await openCatalog(state, 'data', identity);
  for (const manifest of archives)
    expect(await catalog.manifestOf(catalog.archives.get(manifest.key)!)).toEqual(manifest);
});

test.each([
  ['another root', { ...identity, root: '/other' }, 'mismatch'],
  ['another store', { ...identity, store: 'dir:/other' }, 'mismatch'],
])('a record of %s is refused', async (_, other, code) => {
  const { state } = await written(first, end);
  await expect(openCatalog(state, 'data', other)).rejects.toMatchObject({ code });
});

test('a journal of another section is corrupt', async () => {
  const { state } = await written({ ...first, section: 'other' });
  await expect(openCatalog(state, 'data', identity)).rejects.toMatchObject({ code: 'corrupt' });
});

test('an archive that is recorded without its whole manifest is corrupt', async () => {
  const facts = { token: 't', key: 'data/x.tar', bytes: 1 } as const;
  const { state } = await written(
    first,
    { kind: 'manifest', ...facts, format: 'tar', base: '', adopted: false, digestsFrom: 'writing', members: 2 },
    { kind: 'recorded', ...facts, version: 'v', level: 'size', at: '2024' },
  );
  await expect(openCatalog(state, 'data', identity)).rejects.toMatchObject({ code: 'corrupt' });
});

describe('names of runs', () => {
  test('are later than all before, even if the clock goes back or stands', () => {
    const times = fc.array(fc.date({ min: new Date('1980-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(times, fc.boolean(), (all, stands) => {
        const names: string[] = [];
        for (const now of all) {
          names.push(newRunName(stands ? all[0]! : now, new Uint8Array([255 - names.length, 0, 0, 0]), names));
          expect([...names].sort()).toEqual(names);
        }
      }),
    );
  });

  test('a file that is no run is told by its name', () => {
    expect(() => newRunName(new Date(), new Uint8Array(4), ['notes'])).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });
});

test.each(['data', 'a/b', 'a%2Fb', '.', '..', '.hidden', 'ü', '\udcff', 'a b', 'A', '-', 'x'.repeat(60)])(
  'the section %j has a folder of its own',
  async (section) => {
    const state = { path: await scratchFolder() };
    const writer = await journalWriter(realFiles, state, { ...first, section });
    await writer.close();
    const other = await journalWriter(realFiles, state, { ...first, section: `${section}x` });
    await other.close();
    expect(await runsOf(state, section)).toEqual([run]);
    expect(await recordedSections(state)).toEqual([section, `${section}x`].sort());
    expect(journalPath(state, section, run).slice(state.path.length)).toMatch(/^\/journal\/[^/.]+\/[^/]+$/);
  },
);

test('there is no second journal of one run', async () => {
  const state = { path: await scratchFolder() };
  await (await journalWriter(realFiles, state, first)).close();
  await expect(journalWriter(realFiles, state, first)).rejects.toMatchObject({ code: 'exists' });
});
