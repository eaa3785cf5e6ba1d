import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askPython, type ReAnswer, type ReQuestion } from '../../test/python-re.ts';
import { isStowageError } from '../errors.ts';
import type { PatternFacts } from './pattern-error.ts';
import { pythonPattern } from './python-pattern.ts';
import { template } from './template.ts';

/** How many random questions each law asks; set STOWAGE_RE_RUNS to ask more. */
const runs = Number(process.env.STOWAGE_RE_RUNS ?? 4000);

const letters = [
  'a',
  'b',
  '/',
  '.',
  '_',
  '1',
  ' ',
  '\n',
  '\u00e9',
  '\u2028',
  '\u{1f600}',
  '\udc80',
  '\u0661',
  '\u00b2',
];
const input = fc.array(fc.constantFrom(...letters, 'a', 'b', 'a', 'b'), { maxLength: 10 }).map((all) => all.join(''));
const templates = fc
  .array(fc.constantFrom('x', '-', '\\1', '\\2', '\\3', '\\n', '\\.', '\\\\', '$1', '$&', '\\12', '\\q'), {
    maxLength: 4,
  })
  .map((all) => all.join(''));

const classItem = fc.constantFrom(
  'a',
  'b',
  '/',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '\\D',
  '\\W',
  '\\S',
  'a-z',
  '\\n',
  '^',
  '-',
  '\\]',
  '\u00e9-\u{1f600}',
  '\udc80-\udcff',
);
const charClass = fc
  .tuple(fc.constantFrom('[', '[^', '[]', '[^]'), fc.array(classItem, { minLength: 1, maxLength: 3 }))
  .map(([open, items]) => `${open}${items.join('')}]`);
const atom = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'a', 'b', '/', '\\.', '_', '{', '}', ']', '\u{1f600}', '\udc80') },
  { weight: 2, arbitrary: fc.constantFrom('.', '\\d', '\\w', '\\s', '\\D', '\\W', '\\S', '\\n') },
  { weight: 1, arbitrary: charClass },
);
const quantifier = fc.constantFrom(
  '*',
  '+',
  '?',
  '*?',
  '+?',
  '??',
  '{2}',
  '{1,2}',
  '{,2}',
  '{1,}',
  '{,}',
  '{0}',
  '{1,3}?',
  '{1}',
  '{a',
  '{}',
);
const { pattern: wellFormed } = fc.letrec<{ pattern: string; sequence: string; item: string; unit: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    tie('sequence'),
    fc.tuple(tie('sequence'), tie('pattern')).map(([one, other]) => `${one}|${other}`),
  ),
  sequence: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
  item: fc.oneof(
    { maxDepth: 4 },
    tie('unit'),
    fc.tuple(tie('unit'), quantifier).map(([one, times]) => one + times),
    fc.constantFrom('$', '^'),
  ),
  unit: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: atom },
    { weight: 2, arbitrary: tie('pattern').map((inside) => `(${inside})`) },
    { weight: 1, arbitrary: tie('pattern').map((inside) => `(?:${inside})`) },
  ),
}));
const soup = fc
  .array(fc.constantFrom(...'()[]{}*+?|^$.-,:\\ab12dqP<=!#/ \u{1f600}'.normalize(), '\\d', '(?:', '\\8'), {
    maxLength: 10,
  })
  .map((all) => all.join(''));

function ours({ pattern, template: text, input: name }: ReQuestion): ReAnswer | 'refused' {
  const attempt = <T>(deed: () => T) => {
    try {
      return deed();
    } catch (error) {
      if (!isStowageError(error, 'configuration')) throw error;
      return error.facts as unknown as PatternFacts;
    }
  };
  const compiled = attempt(() => pythonPattern(pattern));
  if ('refused' in compiled) {
    return compiled.refused
      ? 'refused'
      : { kind: 'pattern-error', reason: compiled.reason, position: compiled.position };
  }
  const match = compiled.match(name);
  expect(compiled.matches(name)).toBe(match !== undefined);
  if (match !== undefined) expect(name.startsWith(compiled.literalPrefix)).toBe(true);
  const replacement = attempt(() => template(text, compiled.groups));
  if ('refused' in replacement && replacement.refused) return 'refused';
  return {
    kind: 'answer',
    match: match === undefined ? null : { groups: match.groups.map((group) => group ?? null), end: match.span[1] },
    sub:
      'refused' in replacement
        ? { reason: replacement.reason, position: replacement.position }
        : { text: compiled.sub(replacement, name) },
  };
}

/** Python looks at a template only when it has something to replace, and knows no position for a number that is too large. */
function agree(python: ReAnswer, stowage: ReAnswer): boolean {
  if (python.kind === 'pattern-error' && stowage.kind === 'pattern-error') {
    return python.reason === stowage.reason && (python.position ?? stowage.position) === stowage.position;
  }
  if (python.kind !== 'answer' || stowage.kind !== 'answer') return false;
  if (JSON.stringify(python.match) !== JSON.stringify(stowage.match)) return false;
  if ('reason' in stowage.sub && 'text' in python.sub) return true;
  return JSON.stringify(python.sub) === JSON.stringify(stowage.sub);
}

test.each([
  ['well-formed patterns', wellFormed, 0.5],
  ['random punctuation', soup, 0.2],
] as const)('%s mean what they mean in Python', { timeout: 600_000 }, (_, pattern, leastAnswered) => {
  const seed = Number(process.env.STOWAGE_RE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const questions = fc.sample(fc.record({ pattern, template: templates, input }), { numRuns: runs, seed });
  const answers = askPython(questions);
  if (answers === undefined) return;
  const stowage = questions.map(ours);
  const wrong = questions
    .map((question, at) => ({ question, python: answers[at]!, stowage: stowage[at]! }))
    .filter(({ python, stowage }) => stowage !== 'refused' && !agree(python, stowage))
    .sort((one, other) => one.question.pattern.length - other.question.pattern.length);
  expect(wrong.slice(0, 3), `STOWAGE_RE_SEED=${seed}: ${wrong.length} of ${runs}`).toEqual([]);
  // A parser that refuses everything would agree with everything.
  const answered = stowage.filter((one) => one !== 'refused' && one.kind === 'answer').length;
  expect(answered).toBeGreaterThan(runs * leastAnswered);
});
