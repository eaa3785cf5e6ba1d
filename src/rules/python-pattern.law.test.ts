import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askPython, type ReAnswer, type ReQuestion } from '../../test/python-re.ts';
import { randomInput, randomPattern, randomPunctuation, randomTemplate } from '../../test/random-patterns.ts';
import { isStowageError } from '../errors.ts';
import type { PatternFacts } from './pattern-error.ts';
import { type PatternOptions, pythonPattern } from './python-pattern.ts';
import { template } from './template.ts';

/** How many random questions each law asks; set STOWAGE_RE_RUNS to ask more. */
const runs = Number(process.env.STOWAGE_RE_RUNS ?? 4000);

function ours({ pattern, template: text, input: name }: ReQuestion, options: PatternOptions): ReAnswer | 'refused' {
  const attempt = <T>(deed: () => T) => {
    try {
      return deed();
    } catch (error) {
      if (!isStowageError(error, 'configuration')) throw error;
      return error.facts as unknown as PatternFacts;
    }
  };
  const compiled = attempt(() => pythonPattern(pattern, options));
  if ('refused' in compiled) {
    return compiled.refused
      ? 'refused'
      : { kind: 'pattern-error', reason: compiled.reason, position: compiled.position };
  }
  const match = compiled.match(name);
  expect(compiled.matches(name)).toBe(match !== undefined);
  if (match !== undefined) expect(name.startsWith(compiled.literalPrefix)).toBe(true);
  const replacement = attempt(() => template(text, compiled.groups, compiled.groupNames));
  return {
    kind: 'answer',
    match: match === undefined ? null : { groups: match.groups.map((group) => group ?? null), end: match.span[1] },
    sub:
      'refused' in replacement
        ? { reason: replacement.reason, position: replacement.position }
        : { text: compiled.sub(replacement, name) },
  };
}

/** Python looks at a template only when it has something to replace, and knows no position for some faults. */
function agree(python: ReAnswer, stowage: ReAnswer): boolean {
  if (python.kind === 'pattern-error' && stowage.kind === 'pattern-error') {
    return python.reason === stowage.reason && (python.position ?? stowage.position) === stowage.position;
  }
  if (python.kind !== 'answer' || stowage.kind !== 'answer') return false;
  if (JSON.stringify(python.match) !== JSON.stringify(stowage.match)) return false;
  if (!('reason' in stowage.sub)) return JSON.stringify(python.sub) === JSON.stringify(stowage.sub);
  if ('text' in python.sub) return true;
  return (
    python.sub.reason === stowage.sub.reason && (python.sub.position ?? stowage.sub.position) === stowage.sub.position
  );
}

test.each([
  ['well-formed patterns', randomPattern, 0.5, {}],
  ['well-formed patterns, by our own engine,', randomPattern, 0.5, { engine: 'matcher' }],
  ['random punctuation', randomPunctuation, 0.05, {}],
] as const)('%s mean what they mean in Python', { timeout: 600_000 }, (_, pattern, leastAnswered, options) => {
  const seed = Number(process.env.STOWAGE_RE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const question = fc.record({ pattern, template: randomTemplate, input: randomInput });
  const questions = fc.sample(question, { numRuns: runs, seed });
  const answers = askPython(questions);
  if (answers === undefined) return;
  const stowage = questions.map((one) => ours(one, options));
  const wrong = questions
    .map((question, at) => ({ question, python: answers[at]!, stowage: stowage[at]! }))
    .filter(({ python, stowage }) => stowage !== 'refused' && !agree(python, stowage))
    .sort((one, other) => one.question.pattern.length - other.question.pattern.length);
  expect(wrong.slice(0, 3), `STOWAGE_RE_SEED=${seed}: ${wrong.length} of ${runs}`).toEqual([]);
  // A parser that refuses everything would agree with everything.
  const answered = stowage.filter((one) => one !== 'refused' && one.kind === 'answer').length;
  expect(answered).toBeGreaterThan(runs * leastAnswered);
});
