import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { growthFlag, leanHeaps, unmarkedHeaps } from './lean-heaps.ts';

test('the V8 of this Node takes the flag without a word, and would say so if it did not', () => {
  const told = (flag: string) =>
    spawnSync(process.execPath, ['-e', `require('node:v8').setFlagsFromString(${JSON.stringify(flag)})`], {
      encoding: 'utf8',
    }).stderr;
  expect(told(growthFlag(50))).toBe('');
  expect(told(growthFlag(0))).toBe('');
  for (const flag of ['--no-incremental-marking', '--incremental-marking']) expect(told(flag)).toBe('');
  expect(told('--no-such-flag=1')).toContain('unrecognized flag');
});

test.each([leanHeaps, unmarkedHeaps])(
  'several at once may ask for it, and each may give it back twice: %#',
  (asked) => {
    const backs = [asked(), asked()];
    for (const back of [...backs, ...backs]) back();
  },
);
