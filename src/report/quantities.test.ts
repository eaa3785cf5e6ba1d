import { expect, test } from 'vitest';
import { boundText, shareText } from './quantities.ts';

test.each([
  [0, '0%'],
  [1, '100%'],
  [0.5, '50.0%'],
  [0.123456, '12.3%'],
  [1e-9, '0.1%'],
  [1 - 1e-9, '99.9%'],
])('the share %d is %s', (share, text) => {
  expect(shareText(share)).toBe(text);
});

test.each([
  [0, '0%'],
  [1, '100%'],
  [57 / 2000, '2.9%'],
  [0.29, '29.0%'],
  [0.0301, '3.1%'],
  [0.03, '3.0%'],
  [0.0012, '0.12%'],
  [58 / 200_000, '0.029%'],
  [0.0000121, '0.0013%'],
  [0.9999, '100.0%'],
])('a bound of %d is %s', (share, text) => {
  expect(boundText(share)).toBe(text);
});
