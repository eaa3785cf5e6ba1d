import { describe, expect, test } from 'vitest';
import type { EvidenceLevel } from '../model/evidence.ts';
import { memberToJson } from '../model/manifest-json.ts';
import { storeKey } from '../model/store-key.ts';
import { bestEvidence, isNeverVerified, isSameObject } from './archive-record.ts';
import { folder } from './fold.ts';
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

/** Folds runs, each a list of records. */
function fold(...runs: readonly (readonly JournalRecord[])[]) {
  const all = folder();
  for (const [index, records] of runs.entries()) {
    const run = `run${index}`;
    all.add(
      {
        kind: 'run',
        format: 1,
        run,
        verb: 'archive',
        section: 'data',
        root: '/',
        store: '',
        at: `2024-0${index + 1}`,
        stowage: '0',
      },
      run,
    );
    for (const record of records) all.add(record, run);
  }
  return all.result();
}

const made = [...manifest('t', { a: 1 }), written('t'), recorded('t')];

test('an archive is in the catalog from its recording on, not before', () => {
  expect(fold([...manifest('t', { a: 1 })]).archives.size).toBe(0);
  const killed = fold([...manifest('t', { a: 1 }), written('t')]);
  expect([killed.archives.size, killed.pending.map((one) => [one.token, one.manifest.members.length])]).toEqual([
    0,
    [['t', 1]],
  ]);
  const whole = fold(made);
  expect([whole.archives.get(key)?.manifest.members.length, whole.pending]).toEqual([1, []]);
});

test('a later run records or discards what a killed one wrote', () => {
  const killed = [...manifest('t', { a: 1 }), written('t')];
  const healed = fold(killed, [recorded('t')]);
  expect([healed.archives.get(key)?.run, healed.pending]).toEqual(['run1', []]);
  const discarded = fold(killed, [{ kind: 'discarded', token: 't', key }]);
  expect([discarded.archives.size, discarded.pending]).toEqual([0, []]);
});

test('the last recording of a name counts; members that did not change keep their date', () => {
  const { archives } = fold(
    [...manifest('t', { a: 1, b: 1 }), recorded('t', 'v1', '2024-01-01')],
    [...manifest('u', { a: 1, b: 2, c: 1 }), recorded('u', 'v2', '2024-02-01')],
    [...manifest('w', { a: 1, b: 2 }), recorded('w', 'v3', '2024-03-01')],
  );
  const record = archives.get(key)!;
  expect(record.version).toBe('v3');
  expect(record.manifest.members.map(({ path }) => path)).toEqual(['a', 'b']);
  expect(Object.fromEntries(record.since)).toEqual({ a: '2024-01-01', b: '2024-02-01' });
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
  ] as const)('%s', (_, checks, best, damage) => {
    for (const runs of [[[...made, ...checks]], [made, checks], [checks, made]]) {
      const record = fold(...runs).archives.get(key)!;
      expect([bestEvidence(record)?.level, record.damage?.at]).toEqual([best, damage]);
    }
  });

  test('the dates count, not the order of the runs: a long check may find damage after a later one has begun and ended', () => {
    const early = [evidence('read', 'damaged', '2024-07')];
    const late = [evidence('read', 'intact', '2024-06')];
    expect(fold(made, early, late).archives.get(key)?.damage?.at).toBe('2024-07');
    expect(fold(made, late, early).archives.get(key)?.damage?.at).toBe('2024-07');
  });

  test('a replacement is another version: what was found about the old one is over', () => {
    const again = [...manifest('u', { a: 2 }), recorded('u', 'v2')];
    expect(fold(made, [evidence('read', 'damaged', '2024-05')], again).archives.get(key)?.damage).toBeUndefined();
  });

  test('digests that a check computed stand in for those that nobody had', () => {
    const check = { ...(evidence('read', 'intact', '2024-05') as object), token: 'r' } as JournalRecord;
    const record = fold(made, [...manifest('r', { a: 1, b: 1 }), check]).archives.get(key)!;
    expect(record.manifest.members.length).toBe(2);
  });

  test('never verified is what was adopted and looked at no closer than its size', () => {
    const adopted = [...manifest('t', { a: 1 }, true), recorded('t')];
    const verdict = (...checks: readonly JournalRecord[]) => isNeverVerified(fold(adopted, checks).archives.get(key)!);
    expect(verdict()).toBe(true);
    expect(verdict(evidence('size', 'intact', '2024-05'))).toBe(true);
    expect(verdict(evidence('index', 'intact', '2024-05'))).toBe(false);
    expect(isNeverVerified(fold(made).archives.get(key)!)).toBe(false);
  });
});

test('a run that did not end is one that has no end', () => {
  const { runs } = fold([...made, { kind: 'end', at: '2025' }], made);
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
  expect(isSameObject({ version: 'v', modifiedNs: 5n, manifest: { bytes: 10 } }, seen)).toBe(same);
});
