import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../rules/configuration.ts';
import { ruleSet } from '../../rules/rule-set.ts';
import { boundedFates } from './bounded-fates.ts';

const limits = { batchMilliseconds: 200, pathMilliseconds: 100, strikes: 3 };

function section(rules: object) {
  const text = JSON.stringify({
    __config__: { root: '/r', store: 'dir:v' },
    data: { __exclude__: ['d/out'], ...rules },
  });
  const { configuration, problems } = readConfiguration(Buffer.from(text), 'c.json');
  if (configuration === undefined) throw new Error(JSON.stringify(problems));
  return configuration.sections.get('data')!;
}

const endless = 'd/(a+)+$';
const unlucky = `d/${'a'.repeat(60)}!`;

test('where nothing runs out of time, the fates are those of the rules', () => {
  const rules = section({ d: { 'd/[a-m].*$': 'd1.tar', 'd/[n-z].*$': 'd2.tar' } });
  const paths = Array.from({ length: 10_000 }, (_, index) => `d/${String.fromCharCode(97 + (index % 26))}${index}`);
  paths.push('d/out', 'e/x', 'top');
  const plain = ruleSet(rules);
  expect(boundedFates(rules).fatesOf(paths)).toEqual(paths.map((path) => plain.fateOf(path)));
});

describe('a pattern that tries everything', () => {
  const rules = section({ d: { [endless]: 'a.tar', 'd/b.*$': 'b.tar' }, e: { 'e/.*$': 'e.tar' } });

  test('refuses the paths on which it runs out of time, with the rule, and no other', () => {
    const fates = boundedFates(rules, limits).fatesOf(['d/b1', unlucky, 'd/aaa', 'e/x', 'd/out']);
    expect(fates.map((fate) => fate.kind)).toEqual(['archived', 'refused', 'archived', 'archived', 'excluded']);
    expect(fates[1]).toMatchObject({ reason: { kind: 'timed-out' }, rule: { pattern: endless } });
  });

  test('is not tried any more after some such paths, however many there are', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `d/${'a'.repeat(60)}${index}!`);
    const fates = boundedFates(rules, limits).fatesOf([...many, 'e/x']);
    expect(new Set(fates.slice(0, -1).map((fate) => fate.kind))).toEqual(new Set(['refused']));
    expect(fates.at(-1)).toMatchObject({ kind: 'archived', archive: 'e.tar' });
  });
});
