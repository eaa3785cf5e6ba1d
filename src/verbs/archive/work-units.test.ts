import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import { workUnits } from './work-units.ts';

const MiB = 1024 ** 2;

function plan(name: string, bytes: number, members = 1): PlannedArchive {
  return { key: `data/${name}`, name, bytes, members, carried: 0 } as never;
}

const named = (plans: readonly PlannedArchive[]) =>
  workUnits(plans).map((unit) => unit.plans.map((one) => one.name).join(' '));

test.each([
  ['nothing', [], []],
  ['small ones are a parcel, in their order', [plan('a', 1), plan('b', MiB), plan('c', 0)], ['a b c']],
  ['the biggest first', [plan('a', 2 * MiB), plan('b', 9 * MiB), plan('c', 5)], ['b', 'a', 'c']],
  ['of the same size by name', [plan('a', 2 * MiB), plan('b', 2 * MiB), plan('c', 2 * MiB)], ['a', 'b', 'c']],
  ['many members are not small', [plan('a', 5, 201), plan('b', 5, 200)], ['a', 'b']],
  [
    'a parcel ends at its size',
    Array.from({ length: 9 }, (_, index) => plan(`${index}`, MiB)),
    ['0 1 2 3 4 5 6 7', '8'],
  ],
])('%s', (_, plans, expected) => {
  expect(named(plans)).toEqual(expected);
});

test('a parcel has at most 128 archives', () => {
  expect(
    workUnits(Array.from({ length: 300 }, (_, index) => plan(`${index}`, 1))).map((one) => one.plans.length),
  ).toEqual([128, 128, 44]);
});

test('each archive is in one piece, and its cost is bounded but for its members', () => {
  const any = fc.tuple(fc.nat(3 * MiB), fc.nat(300)).map(([bytes, members]) => ({ bytes, members }));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 300 }), (all) => {
      const plans = all.map(({ bytes, members }, index) => plan(String(index).padStart(4, '0'), bytes, members));
      const units = workUnits(plans);
      expect(units.flatMap((unit) => unit.plans.map((one) => one.name)).sort()).toEqual(plans.map((one) => one.name));
      for (const unit of units) expect(unit.cost).toBeLessThan(17 * MiB + 128 * 300 * 1024);
      expect(units).toEqual(workUnits(plans));
    }),
  );
});

test.each([
  ['nothing', [], []],
  ['large and small go together, in their order', [plan('a', 5 * MiB), plan('b', 1), plan('c', MiB)], ['a b c']],
  ['a batch ends at its bytes', [plan('a', 6 * MiB), plan('b', 4 * MiB), plan('c', 1)], ['a b', 'c']],
  ['what is larger than a batch is one', [plan('a', 1), plan('b', 99 * MiB), plan('c', 2)], ['b', 'c', 'a']],
  ['a batch ends at its members', [plan('a', 1, 60), plan('b', 1, 60)], ['a', 'b']],
])('where publishing is dear: %s', (_, plans, expected) => {
  const units = workUnits(plans, { bytes: 10 * MiB, members: 100 });
  expect(units.map((unit) => unit.plans.map((one) => one.name).join(' '))).toEqual(expected);
});
