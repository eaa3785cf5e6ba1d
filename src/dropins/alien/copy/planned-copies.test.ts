import { expect, test } from 'vitest';
import type { PlacedPair } from './placed-pair.ts';
import { copyGathering } from './planned-copies.ts';

const pair: PlacedPair = {
  kind: 'upload',
  lfn: '/to',
  local: '/from',
  where: ['disk:1'],
  isContent: true,
  isInto: false,
  shown: 'file:from/',
  doubtful: undefined,
};

/** The plan of files that go to these names, or what is said of them. */
function planOf(targets: readonly string[]): readonly string[] | string {
  const gathering = copyGathering();
  for (const [index, target] of targets.entries()) {
    gathering.add({ ...pair }, { below: `s${index}`, bytes: index }, () => `/to/${target}`);
  }
  try {
    return Array.from(gathering.copies(), ({ job }) => `${job.local} > ${job.lfn}`);
  } catch (error) {
    return (error as Error).message;
  }
}

test.each([
  [
    ['a', 'b'],
    ['/from/s0 > /to/a', '/from/s1 > /to/b'],
  ],
  [
    ['d', 'd2/e', 'd-e'],
    ['/from/s0 > /to/d', '/from/s1 > /to/d2/e', '/from/s2 > /to/d-e'],
  ],
  [['a', 'a'], "cp: '/from/s0' and '/from/s1' would both be '/to/a'; nothing was copied"],
  [['d/a', 'd'], "cp: '/from/s1' and '/from/s0' would both be '/to/d'; nothing was copied"],
  [['d', 'd/e/f'], "cp: '/from/s0' and '/from/s1' would both be '/to/d'; nothing was copied"],
])('targets %j', (targets, plan) => {
  expect(planOf(targets)).toEqual(plan);
});
