import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Damage } from '../../catalog/archive-record.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import { type StoreKey, storeKey } from '../../model/store-key.ts';
import { type Candidate, portionOf, sampleCount } from './portion.ts';

const now = '2026-06-30T00:00:00.000Z';
const since = '2026-04-01T00:00:00.000Z';
const old = '2025-12-01T00:00:00.000Z';
const recent = '2026-05-01T00:00:00.000Z';

function candidate(key: string, looks: readonly (readonly [EvidenceLevel, string])[], damage?: Damage): Candidate {
  const evidence = looks.map(([level, at]) => ({ level, at, version: 'v' }));
  const record = { evidence, ...(damage === undefined ? {} : { damage }) };
  return { key: storeKey(key), record, catalog: { section: 's' } } as unknown as Candidate;
}

const keysOf = (candidates: readonly Candidate[]) => candidates.map(({ key }) => key);

describe('what is due after some time', () => {
  const damage: Damage = { at: recent, level: 'read', outcome: 'damaged', problems: ['x'] };
  test.each<[string, readonly (readonly [EvidenceLevel, string])[], Damage | undefined, boolean]>([
    ['never looked at', [], undefined, true],
    ['looked at recently, but not as closely', [['digest', recent]], undefined, true],
    ['read recently', [['read', recent]], undefined, false],
    ['read just then', [['read', since]], undefined, false],
    ['read long ago', [['read', old]], undefined, true],
    [
      'read long ago, looked at since',
      [
        ['read', old],
        ['size', recent],
      ],
      undefined,
      true,
    ],
    ['read recently and then found damaged', [['read', recent]], damage, true],
    ['read by a clock that goes a little fast', [['read', '2026-06-30T12:00:00.000Z']], undefined, false],
    ['read in the far future, by a wrong clock', [['read', '2099-01-01T00:00:00.000Z']], undefined, true],
    [
      'read recently, and in the far future',
      [
        ['read', recent],
        ['read', '2099-01-01T00:00:00.000Z'],
      ],
      undefined,
      false,
    ],
  ])('%s', (_, looks, damaged, isDue) => {
    const portion = portionOf([candidate('a', looks, damaged)], { level: 'read', since, now, oldestFirst: true });
    expect([portion.due.length, portion.recent]).toEqual(isDue ? [1, 0] : [0, 1]);
  });
});

test('the oldest look comes first, whatever it found; what was never looked at as closely before all', () => {
  const all = [
    candidate('recent', [['read', recent]]),
    candidate('old', [['read', old]]),
    candidate('never', [['size', recent]]),
    candidate('seen-damaged', [['read', old]], { at: since, level: 'read', outcome: 'damaged', problems: [] }),
    candidate('also-never', []),
  ];
  const order = { level: 'read', now, oldestFirst: true } as const;
  expect(keysOf(portionOf(all, order).due)).toEqual(['never', 'also-never', 'old', 'seen-damaged', 'recent']);
  expect(keysOf(portionOf(all, { ...order, oldestFirst: false }).due)).toEqual(keysOf(all));
});

test.each([
  [{ share: 0.05 }, 2000, 100],
  [{ share: 0.05 }, 2001, 101],
  [{ share: 0.001 }, 5, 1],
  [{ share: 1 }, 7, 7],
  [{ share: 0.07 }, 100, 7],
  [{ archives: 100 }, 2000, 100],
  [{ archives: 100 }, 20, 20],
])('a sample of %j of %d archives has %d', (size, of, count) => {
  expect(sampleCount(size, of)).toBe(count);
});

const wish = (seed: string, archives: number) =>
  ({ level: 'read', now, oldestFirst: false, sample: { size: { archives }, seed } }) as const;

test('the same seed draws the same archives, in the order that they had; another seed draws others', () => {
  const all = Array.from({ length: 200 }, (_, index) => candidate(`s/${1000 + index}.tar`, []));
  const drawn = keysOf(portionOf(all, wish('a', 20)).due);
  expect(drawn).toHaveLength(20);
  expect(drawn).toEqual([...drawn].sort());
  expect(keysOf(portionOf([...all].reverse(), wish('a', 20)).due)).toEqual([...drawn].reverse());
  expect(keysOf(portionOf(all, wish('b', 20)).due)).not.toEqual(drawn);
});

test('a sample goes on: what was checked since is left out, and nothing else takes its place', () => {
  const keys = Array.from({ length: 50 }, (_, index) => `s/${index}.tar`);
  const before = portionOf(
    keys.map((key) => candidate(key, [])),
    { ...wish('a', 10), since },
  );
  const checked = new Set<StoreKey>(keysOf(before.due.slice(0, 4)));
  const after = portionOf(
    keys.map((key) => candidate(key, checked.has(storeKey(key)) ? [['read', recent]] : [])),
    { ...wish('a', 10), since },
  );
  expect([after.recent, keysOf(after.due)]).toEqual([4, keysOf(before.due.slice(4))]);
});

test('a larger sample of the same seed holds the smaller one, and every archive is drawn as often', () => {
  const all = Array.from({ length: 20 }, (_, index) => candidate(`s/${index}`, []));
  const times = new Map(all.map(({ key }) => [key, 0]));
  for (let seed = 0; seed < 2000; seed += 1)
    for (const key of keysOf(portionOf(all, wish(`${seed}`, 5)).due)) times.set(key, times.get(key)! + 1);
  // 500 are expected of each; 5 standard deviations are 97.
  for (const count of times.values()) expect(Math.abs(count - 500)).toBeLessThan(97);
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 19 }), (seed, count) => {
      const larger = new Set(keysOf(portionOf(all, wish(seed, count + 1)).due));
      expect(keysOf(portionOf(all, wish(seed, count)).due).every((key) => larger.has(key))).toBe(true);
    }),
  );
});
