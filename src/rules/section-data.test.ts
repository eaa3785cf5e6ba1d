import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { ruleSet } from './rule-set.ts';
import { ruleNumbers, rulesOf, sectionData, sectionFromData } from './section-data.ts';

const text = JSON.stringify({
  __config__: { root: '/r', store: 'dir:v' },
  data: {
    __exclude__: ['d/out', 'x,y'],
    __top__: { '[^/]+$': 'top.tar' },
    d: { '(?i)d/(?P<n>[a-z]+)/.*$': 'd/\\g<n>.tar', 'd/skip.*': 'EXCLUDE', 'd/auto.*': 'AUTOMATED' },
    e: {},
  },
});
const section = readConfiguration(Buffer.from(text), 'c.json').configuration!.sections.get('data')!;

test('a section that went through a thread as data gives the same fates, by rules with the same numbers', () => {
  const again = sectionFromData(structuredClone(sectionData(section)));
  const [before, after] = [ruleSet(section), ruleSet(again)];
  for (const path of ['a', 'd/out', 'd/ABC/x', 'd/skip/x', 'd/auto', 'd/nothing', 'e/x', 'f/x', 'x,y', 'd/\udcff/x']) {
    const [one, other] = [before.fateOf(path), after.fateOf(path)];
    const plain = (fate: object) => JSON.parse(JSON.stringify(fate)) as unknown;
    expect(plain(other)).toEqual(plain(one));
  }
  expect(rulesOf(again).map((rule) => rule.pattern)).toEqual(rulesOf(section).map((rule) => rule.pattern));
  expect([...ruleNumbers(again).values()]).toEqual([0, 1, 2, 3]);
});
