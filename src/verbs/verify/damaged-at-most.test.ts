import fc from 'fast-check';
import { expect, test } from 'vitest';
import { damagedAtMost } from './damaged-at-most.ts';

// Computed with exact fractions: the largest D for which the sum over i <= bad of C(D,i) C(N-D,n-i) / C(N,n) is 1/20 or more.
test.each([
  [1, 1, 0, 0],
  [1, 1, 1, 1],
  [2, 1, 0, 1],
  [10, 1, 0, 9],
  [10, 5, 0, 3],
  [10, 9, 0, 1],
  [20, 19, 0, 1],
  [100, 10, 0, 24],
  [100, 10, 1, 38],
  [100, 10, 10, 100],
  [100, 50, 0, 4],
  [100, 99, 3, 3],
  [2000, 100, 0, 57],
  [2000, 100, 1, 91],
  [2000, 100, 5, 201],
  [2000, 1999, 0, 0],
  [2000, 2000, 4, 4],
  [20_000, 1000, 0, 58],
  [20_000, 1000, 20, 574],
  [200_000, 59, 0, 9900],
  [200_000, 10_000, 0, 58],
  [200_000, 10_000, 137, 3143],
  [1_000_000, 300, 2, 20_834],
])('of %d archives %d were checked and %d are damaged: at most %d of all', (population, checked, bad, atMost) => {
  expect(damagedAtMost(population, checked, bad)).toBe(atMost);
});

test('the bound lies between what was seen and what is possible, and a larger sample as good makes it no larger', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 5000 }), fc.nat(), fc.nat(), (population, a, b) => {
      const checked = 1 + (a % (population - 1));
      const bad = b % (checked + 1);
      const bound = damagedAtMost(population, checked, bad);
      expect(bound).toBeGreaterThanOrEqual(bad);
      expect(bound).toBeLessThanOrEqual(population - (checked - bad));
      expect(damagedAtMost(population, checked + 1, bad)).toBeLessThanOrEqual(bound);
    }),
  );
});
