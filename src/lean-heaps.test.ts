import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { growthFlag, leanHeaps } from './lean-heaps.ts';

test('the V8 of this Node takes the flag without a word, and would say so if it did not', () => {
  const told = (flag: string) =>
    spawnSync(process.execPath, ['-e', `require('node:v8').setFlagsFromString(${JSON.stringify(flag)})`], {
      encoding: 'utf8',
    }).stderr;
  expect(told(growthFlag(50))).toBe('');
  expect(told(growthFlag(0))).toBe('');
  expect(told('--no-such-flag=1')).toContain('unrecognized flag');
});

test('several at once may ask for lean heaps, and each may give them back twice', () => {
  const backs = [leanHeaps(), leanHeaps()];
  for (const back of [...backs, ...backs]) back();
});
