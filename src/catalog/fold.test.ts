import { describe, expect, test } from 'vitest';
import type { EvidenceLevel } from '../model/evidence.ts';
import { memberToJson } from '../model/manifest-json.ts';
import { storeKey } from '../model/store-key.ts';
import { bestEvidence, isNeverVerified, isSameObject } from './archive-record.ts';
import { folder } from './fold.ts';
import { journalLine } from './journal-line.ts';
import { journalLines } from './journal-lines.ts';
import { journalItems } from './journal-reader.ts';
import type { JournalRecord } from './records.ts';

const key = storeKey('data/x.tar');
type Files = Readonly<Record<string, number>>;

function manifest(token: string, files: Files, adopted = false): readonly JournalRecord[] {
  const members = Object.entries(files).map(([path, time]) =>
    memberToJson({
      path,
      type: 'file',
      bytes: 1,
      mtimeNs: BigInt(time),
      mode: 0,
      uid: 0,
      gid: 0,
      sha256: `${path}${time}`,
    }),
  );
  return [
    {
      kind: 'manifest',
      token,
      key,
      format: 'tar',
      bytes: 10,
      base: '',
      adopted,
      digestsFrom: 'writing',
      members: members.length,
    },
    ...members.map((one) => ({ kind: 'member', ...one }) as const),
  ];
}

function written(token: string, version = 'v1'): JournalRecord {
  return { kind: 'written', token, key, bytes: 10, version };
}

function recorded(token: string, version = 'v1', at = '2024-01-01'): JournalRecord {
  return { kind: 'recorded', token, key, bytes: 10, version, level: 'size', at };
}

function evidence(
  level: EvidenceLevel,
  outcome: 'intact' | 'damaged' | 'missing',
  at: string,
  version = 'v1',
): JournalRecord {
  return {
    kind: 'evidence',
    key,
    version,
    level,
    at,
    outcome,
    problems: outcome === 'intact' ? [] : [`${outcome} ${at}`],
  };
}

/** Folds runs, each a list of records, read from the bytes of their journals. */
async function fold(...runs: readonly (readonly JournalRecord[])[]) {
  const all = folder();
  for (const [index, records] of runs.entries()) {
    const run = `run${index}`;
    const at = `2024-0${index + 1}`;
    const first = { kind: 'run', format: 1, run, verb: 'archive', section: 'data', root: '/', store: '', at } as const;
    const lines = [{ ...first, stowage: '0' }, ...records].map((record) => Buffer.from(journalLine(record)));
    for await (const items of journalItems(journalLines(oneByOne(lines), run), run))
      for (const item of items) all.add(item, run);
  }
  return all.result();
}

async function* oneByOne(lines: readonly Buffer[]) {
  yield* lines;
}

const made = [...manifest('t', { a: 1 }), written('t'), recorded('t')];

test('an archive is in the catalog from its recording on, not before', async () => {
  expect((await fold([...manifest('t', { a: 1 })])).archives.size).toBe(0);
  const killed = await fold([...manifest('t', { a: 1 }), written('t')]);
  expect([killed.archives.size, killed.pending.map((one) => [one.token, one.head.members])]).toEqual([0, [['t', 1]]]);
  const whole = await fold(made);
  expect([whole.archives.get(key)?.head.members, whole.pending]).toEqual([1, []]);
});

test('a later run records or discards what a killed one wrote', async () => {
  const killed = [...manifest('t', { a: 1 }), written('t')];
  const healed = await fold(killed, [recorded('t')]);
  expect([healed.archives.get(key)?.run, healed.pending]).toEqual(['run1', []]);
  const discarded = await fold(killed, [{ kind: 'discarded', token: 't', key }]);
  expect([discarded.archives.size, discarded.pending]).toEqual([0, []]);
});

test('the last recording of a name counts, and remembers those before it', async () => {
  const { archives } = await fold(
    [...manifest('t', { a: 1, b: 1 }), recorded('t', 'v1', '2024-01-01')],
    [...manifest('u', { a: 1, b: 2, c: 1 }), recorded('u', 'v2', '2024-02-01')],
    [...manifest('w', { a: 1, b: 2 }), recorded('w', 'v3', '2024-03-01')],
  );
  const record = archives.get(key)!;
  expect(record.version).toBe('v3');
  expect(record.head.members).toBe(2);
  expect(record.recording.earlier?.recordedAt).toBe('2024-02-01');
  expect(record.recording.earlier?.earlier?.head.lines.run).toBe('run0');
  expect(record.recording.earlier?.earlier?.earlier).toBeUndefined();
});

describe('evidence', () => {
  test.each([
    ['none but the writing', [], 'size', undefined],
    ['a closer look', [evidence('read', 'intact', '2024-05')], 'read', undefined],
    ['a look at another version', [evidence('read', 'intact', '2024-05', 'v0')], 'size', undefined],
    ['damage of another version', [evidence('read', 'damaged', '2024-05', 'v0')], 'size', undefined],
    ['damage', [evidence('read', 'damaged', '2024-05')], 'size', '2024-05'],
    [
      'damage, then only the size',
      [evidence('read', 'damaged', '2024-05'), evidence('size', 'intact', '2024-06')],
      'size',
      '2024-05',
    ],
    [
      'damage, then as close a look',
      [evidence('index', 'damaged', '2024-05'), evidence('index', 'intact', '2024-06')],
      'index',
      undefined,
    ],
    [
      'damage, then a closer look',
      [evidence('size', 'damaged', '2024-05'), evidence('read', 'intact', '2024-06')],
      'read',
      undefined,
    ],
    [
      'gone, then back',
      [evidence('size', 'missing', '2024-05'), evidence('listed', 'intact', '2024-06')],
      'size',
      undefined,
    ],
    [
      'intact, then damaged',
      [evidence('read', 'intact', '2024-05'), evidence('size', 'damaged', '2024-06')],
      'read',
      '2024-06',
    ],
  ] as const)('%s', async (_, checks, best, damage) => {
    for (const runs of [[[...made, ...checks]], [made, checks], [checks, made]]) {
      const record = (await fold(...runs)).archives.get(key)!;
      expect([bestEvidence(record)?.level, record.damage?.at]).toEqual([best, damage]);
    }
  });

  test('the dates count, not the order of the runs: a long check may find damage after a later one has begun and ended', async () => {
    const early = [evidence('read', 'damaged', '2024-07')];
    const late = [evidence('read', 'intact', '2024-06')];
    expect((await fold(made, early, late)).archives.get(key)?.damage?.at).toBe('2024-07');
    expect((await fold(made, late, early)).archives.get(key)?.damage?.at).toBe('2024-07');
  });

  test('a replacement is another version: what was found about the old one is over', async () => {
    const again = [...manifest('u', { a: 2 }), recorded('u', 'v2')];
    const { archives } = await fold(made, [evidence('read', 'damaged', '2024-05')], again);
    expect(archives.get(key)?.damage).toBeUndefined();
  });

  test('digests that a check computed stand in for those that nobody had', async () => {
    const check = { ...(evidence('read', 'intact', '2024-05') as object), token: 'r' } as JournalRecord;
    const { archives } = await fold(made, [...manifest('r', { a: 1, b: 1 }), check]);
    expect(archives.get(key)?.head.members).toBe(2);
  });

  test('never verified is what was adopted and looked at no closer than its size', async () => {
    const adopted = [...manifest('t', { a: 1 }, true), recorded('t')];
    const verdict = async (...checks: readonly JournalRecord[]) =>
      isNeverVerified((await fold(adopted, checks)).archives.get(key)!);
    expect(await verdict()).toBe(true);
    expect(await verdict(evidence('size', 'intact', '2024-05'))).toBe(true);
    expect(await verdict(evidence('index', 'intact', '2024-05'))).toBe(false);
    expect(isNeverVerified((await fold(made)).archives.get(key)!)).toBe(false);
  });
});

test('a run that did not end is one that has no end', async () => {
  const { runs } = await fold([...made, { kind: 'end', at: '2025' }], made);
  expect(runs.map(({ endedAt, hasManifests }) => [endedAt, hasManifests])).toEqual([
    ['2025', true],
    [undefined, true],
  ]);
});

test.each([
  ['the same version', { bytes: 10, version: 'v' }, true],
  ['another version', { bytes: 10, version: 'w' }, false],
  ['the same time and size, as after a move', { bytes: 10, version: 'w', modifiedNs: 5n }, true],
  ['the same time, another size', { bytes: 11, version: 'w', modifiedNs: 5n }, false],
  ['the same version, another size', { bytes: 11, version: 'v' }, false],
])('the same object: %s', (_, seen, same) => {
  expect(isSameObject({ version: 'v', modifiedNs: 5n, head: { bytes: 10 } }, seen)).toBe(same);
});
