import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { explainPath } from './explain-path.ts';

const d1 = {
  'd1/([^/]+)/.*$': 'd1/d1_\\1.tar',
  'd1/([^/]+\\.txt)$': 'd1/\\1',
  'd1/open': 'd1/open.tar',
  'd1/(a)?(b|tmp)$': 'EXCLUDE',
};
const section = { __exclude__: ['d1/left/out'], d1, all: { '.*': 'all.tar' }, many: { 'many/|/': 'x\\\\' } };
const { configuration } = readConfiguration(
  Buffer.from(JSON.stringify({ __config__: { root: '/r', store: 'dir:v' }, data: section })),
  'c.json',
);
const explain = (path: string) => explainPath(configuration!.sections.get('data')!, path);
const trial = (path: string, index: number) => explain(path).trials[index];

test('every rule of the directory is tried, in order, even if one before it matched', () => {
  const { trials, fate, directory, excluded } = explain('d1/batch/x.txt');
  expect([fate.kind, directory, excluded]).toEqual(['archived', 'd1', false]);
  expect(trials.map(({ kind, rule }) => [kind, rule.pattern])).toEqual(
    Object.keys(d1).map((pattern, index) => [index === 0 ? 'match' : 'no-match', pattern]),
  );
});

test('a match says what it takes, what its groups hold and how the name comes about', () => {
  expect(trial('d1/batch/x.txt', 0)).toMatchObject({
    matched: 'd1/batch/x.txt',
    rest: '',
    groups: ['batch'],
    name: { name: 'd1/d1_batch.tar', steps: [{ kind: 'replaced', matched: 'd1/batch/x.txt', by: 'd1/d1_batch.tar' }] },
  });
  expect(trial('d1/openly', 2)).toMatchObject({
    matched: 'd1/open',
    rest: 'ly',
    name: {
      name: 'd1/open.tarly',
      steps: [
        { kind: 'replaced', matched: 'd1/open', by: 'd1/open.tar' },
        { kind: 'kept', text: 'ly' },
      ],
    },
  });
  expect(trial('d1/tmp', 3)).toMatchObject({ kind: 'match', groups: [undefined, 'tmp'], name: undefined });
});

test('a name that is given twice is shown in its pieces', () => {
  expect(trial('all/x', 0)).toMatchObject({
    name: {
      name: 'all.tarall.tar',
      steps: [
        { kind: 'replaced', matched: 'all/x', by: 'all.tar' },
        { kind: 'replaced', matched: '', by: 'all.tar' },
      ],
    },
  });
  expect(trial('many/a/b/c', 0)).toMatchObject({
    name: {
      name: 'x\\ax\\bx\\c',
      steps: [
        { matched: 'many/', by: 'x\\' },
        { text: 'a' },
        { matched: undefined, by: 'x\\' },
        { text: 'b' },
        { matched: undefined, by: 'x\\' },
        { text: 'c' },
      ],
    },
  });
});

test.each([
  ['d1/a.fits', 1, 'd1/', 'd1/'],
  ['d1/a.fits', 0, 'd1/([^/]+)', 'd1/a.fits'],
  ['d1/opn', 2, 'd1/op', 'd1/op'],
  ['d1/tmp2', 3, 'd1/(a)?(b|tmp)', 'd1/tmp'],
])('how far %s gets with rule %d', (path, index, pattern, reached) => {
  expect(trial(path, index)).toMatchObject({ kind: 'no-match', reached: { pattern, path: reached } });
});

test.each([
  ['d1/left/out', { excluded: true, fate: { kind: 'excluded' }, directory: 'd1' }],
  ['x', { excluded: false, fate: { kind: 'unmapped' }, directory: '__top__', trials: [] }],
  ['__exclude__/x', { fate: { kind: 'unmapped' }, directory: '__exclude__', trials: [] }],
])('%s', (path, expected) => {
  expect(explain(path)).toMatchObject(expected);
});

test('the steps put together are the name that the rule gives', () => {
  const path = fc.array(fc.constantFrom('d1/', 'many/', 'all/', 'open', '/', 'a', 'b', '.txt', '\u{1f4be}', '\ue000'), {
    minLength: 1,
  });
  fc.assert(
    fc.property(path, (parts) => {
      for (const one of explain(parts.join('')).trials) {
        if (one.kind === 'no-match' || one.name === undefined) continue;
        expect(one.matched + one.rest).toBe(parts.join(''));
        const text = one.name.steps.map((step) => (step.kind === 'kept' ? step.text : step.by)).join('');
        expect(text).toBe(one.rule.compiled.sub(one.rule.replacement, parts.join('')));
        expect(text).toBe(one.name.name);
      }
    }),
  );
});
