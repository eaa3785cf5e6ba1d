import { expect, test } from 'vitest';
import { within } from './time-limit.ts';

function waitForEver(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

test('what never ends is stopped', () => {
  const endless = () => {
    for (;;);
  };
  expect(within(20, endless)).toBeUndefined();
  expect(within(20, () => 'done')).toBe('done');
});

test('time in which nothing was computed does not count: it is tried again', () => {
  let tries = 0;
  const standsStill = () => {
    tries += 1;
    if (tries === 1) waitForEver();
    return 'done';
  };
  expect(within(300, standsStill)).toBe('done');
  expect(tries).toBe(2);
});
