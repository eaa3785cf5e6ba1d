import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { temporaryName } from '../durable/temporary-name.ts';
import { memberFields } from '../model/manifest-json.ts';
import type { Catalog } from './catalog.ts';
import { openCatalog } from './catalog.ts';
import { smallJournalBytes } from './heads-cache.ts';
import { journalLine, sealed } from './journal-line.ts';
import type { JournalRecord } from './records.ts';
import { headsPath, indexFolder, journalPath, type StateFolder } from './state-folder.ts';

const identity = { root: '/r', store: 'dir:/v' };
const section = 'a/b';
const run = '20240101T000000.000Z-00000000';
const later = '20240201T000000.000Z-00000000';
const end: JournalRecord = { kind: 'end', at: '2025' };
const perArchive = 2500;

let state: StateFolder;

beforeEach(async () => {
  state = { path: await scratchFolder() };
});

function runLine(name: string): JournalRecord {
  const facts = { kind: 'run', format: 1, verb: 'archive', section, ...identity, at: '2024', stowage: '0' } as const;
  return { ...facts, run: name };
}

/** One archive of so many members that the journal is a large one, one that was written and not recorded, and a discarded one. */
function manyLines(): string {
  const lines = ['t', 'open', 'gone'].flatMap((token) => {
    const facts = { token, key: `${section}/${token}.tar`, bytes: 1 };
    const head = {
      ...facts,
      format: 'tar',
      base: '',
      adopted: false,
      digestsFrom: 'none',
      members: perArchive,
    } as const;
    return [
      journalLine({ kind: 'manifest', ...head }),
      ...Array.from({ length: perArchive }, (_, index) => memberLine(`${token}/${index}\udcff`)),
      journalLine({ kind: 'written', ...facts, version: 'v' }),
      ...(token === 't' ? [journalLine({ kind: 'recorded', ...facts, version: 'v', level: 'size', at: '2024' })] : []),
      ...(token === 'gone' ? [journalLine({ kind: 'discarded', token, key: facts.key })] : []),
    ];
  });
  const evidence = { key: `${section}/t.tar`, version: 'v', level: 'read', at: '2024-02', outcome: 'intact' } as const;
  return [...lines, journalLine({ kind: 'evidence', ...evidence, problems: [] })].join('');
}

function memberLine(path: string): string {
  const member = {
    path,
    type: 'file',
    bytes: 1,
    mtimeNs: 1n,
    mode: 0,
    uid: 0,
    gid: 0,
    sha256: 'a'.repeat(64),
  } as const;
  return sealed(`{"kind":"member",${memberFields(member)}`);
}

const large = manyLines();

function place(name: string, ...parts: readonly string[]): string {
  const path = journalPath(state, section, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, journalLine(runLine(name)) + parts.join(''));
  return path;
}

/** All that the catalog says, as plain data. */
function toldBy({ archives, pending, runs, runNames }: Catalog) {
  return { archives: [...archives], pending, runs, runNames };
}

async function told() {
  return toldBy(await openCatalog(state, section, identity));
}

function kept(): readonly string[] {
  return readdirSync(indexFolder(state, section));
}

/** Changes a byte of the journal's members behind its back: size, time and inode stay. */
function spoilUnseen(path: string) {
  const { atimeMs, mtimeMs } = statSync(path);
  const { mtimeNs } = statSync(path, { bigint: true });
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('"path":"t/7')! + 8] = 0x75;
  writeFileSync(path, bytes);
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
  return statSync(path, { bigint: true }).mtimeNs === mtimeNs;
}

/** A whole second as its time, so that it can be set again exactly. */
function wholeTime(path: string) {
  utimesSync(path, 1_700_000_000, 1_700_000_000);
}

test('a large journal of an ended run is read once, and says the same from then on', async () => {
  const path = place(run, large, journalLine(end));
  expect(statSync(path).size).toBeGreaterThan(smallJournalBytes);
  wholeTime(path);
  const first = await told();
  expect(first.archives.length).toBe(1);
  expect(first.pending.length).toBe(1);
  expect(kept()).toEqual([`${run}.heads.jsonl`]);
  expect(await told()).toEqual(first);

  // That it is not read again: what is spoilt in it is not seen before the members are asked for.
  expect(spoilUnseen(path)).toBe(true);
  const catalog = await openCatalog(state, section, identity);
  expect(toldBy(catalog)).toEqual(first);
  await expect(catalog.manifestOf([...catalog.archives.values()][0]!)).rejects.toMatchObject({ code: 'corrupt' });
  rmSync(`${state.path}/index`, { recursive: true });
  await expect(told()).rejects.toMatchObject({ code: 'corrupt' });
});

test('a journal that is not the one it was is read anew', async () => {
  const path = place(run, large, journalLine(end));
  await told();
  const more = { kind: 'evidence', key: `${section}/t.tar`, version: 'v', level: 'read', at: '2026' } as const;
  appendFileSync(path, journalLine({ ...more, outcome: 'damaged', problems: ['x'] }) + journalLine(end));
  const [, record] = (await told()).archives[0]!;
  expect(record.damage).toBeDefined();
  // Another file of the same size and time is another journal.
  const before = readFileSync(headsPath(state, section, run), 'utf8');
  const bytes = readFileSync(path);
  wholeTime(path);
  rmSync(path);
  writeFileSync(`${path}.x`, '');
  writeFileSync(path, bytes);
  wholeTime(path);
  await told();
  expect(readFileSync(headsPath(state, section, run), 'utf8')).not.toBe(before);
});

describe('a kept file that is damaged is not believed, and is made anew', () => {
  test.each([
    ['empty', () => ''],
    ['cut in a line', (text: string) => text.slice(0, -30)],
    ['cut behind a line', (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
    ['without a line in the middle', (text: string) => text.split('\n').toSpliced(2, 1).join('\n')],
    ['with a line twice', (text: string) => text.split('\n').toSpliced(2, 0, text.split('\n')[2]!).join('\n')],
    ['with a flipped bit', (text: string) => text.replace('"version":"v"', '"version":"w"')],
    ['of another run', (text: string) => text.replace(/^.*\n/, journalLine({ kind: 'heads', format: 1, run: later }))],
    ['of another format', (text: string) => text.replace(/^.*\n/, journalLine({ kind: 'heads', format: 2, run }))],
    ['not JSON', (text: string) => text.replace(/^.*\n/, sealed('{"kind"'))],
  ])('%s', async (_, spoil) => {
    place(run, large, journalLine(end));
    const first = await told();
    const path = headsPath(state, section, run);
    const good = readFileSync(path, 'utf8');
    writeFileSync(path, spoil(good));
    expect(await told()).toEqual(first);
    expect(readFileSync(path, 'utf8')).toBe(good);
  });
});

test('of a run that may be at work nothing is kept; of a killed one it is once another has begun', async () => {
  place(run, large, '{"kind":"member","pa');
  const first = await told();
  expect(kept()).toEqual([]);
  place(later, journalLine(end));
  const second = await told();
  expect(kept()).toEqual([`${run}.heads.jsonl`]);
  expect([second.archives, second.pending]).toEqual([first.archives, first.pending]);
  expect(await told()).toEqual(second);
});

test('of a small journal nothing is kept', async () => {
  place(run, journalLine(end));
  await told();
  expect(() => kept()).toThrow('ENOENT');
});

test('what killed processes and runs that are gone left is removed', async () => {
  const path = place(run, large, journalLine(end));
  await told();
  const folder = indexFolder(state, section);
  const temporary = temporaryName(headsPath(state, section, run));
  writeFileSync(temporary, 'half');
  writeFileSync(headsPath(state, section, later), 'of a run that is gone');
  writeFileSync(join(folder, 'notes.txt'), 'not ours');
  appendFileSync(path, journalLine(end));
  await told();
  expect([...kept()].sort()).toEqual([`${run}.heads.jsonl`, 'notes.txt'].sort());
});

test('where nothing can be kept, the record is read all the same', async () => {
  place(run, large, journalLine(end));
  writeFileSync(join(state.path, 'index'), 'in the way');
  expect((await told()).archives.length).toBe(1);
});
