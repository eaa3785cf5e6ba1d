import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isStowageError } from '../../src/errors.ts';
import type { PatternFacts } from '../../src/rules/pattern-error.ts';
import { pythonPattern } from '../../src/rules/python-pattern.ts';
import { listedDifferences } from './differences.ts';

interface Fault {
  readonly msg: string;
  /** Null where Python knows none; we do. */
  readonly pos: number | null;
}

interface Row {
  readonly id: number;
  readonly pattern: string;
  readonly template: string;
  readonly input: string;
  readonly compile_error?: Fault;
  readonly matches: boolean;
  readonly groups?: number;
  readonly groupindex?: Readonly<Record<string, number>>;
  readonly match_span?: readonly [number, number];
  readonly captures?: readonly (string | null)[];
  readonly result?: string;
  /** Of the template. */
  readonly error?: Fault;
}

const rows = JSON.parse(readFileSync(new URL('hpss/regex-cases.json', import.meta.url), 'utf8')) as readonly Row[];
const named = rows.map((row) => ({ ...row, name: `regex-${row.id}` }));
const listed = listedDifferences();

test('there are rows, every listed one is among them, and few are listed', () => {
  expect(rows.length).toBe(328);
  const differing = [...listed.keys()].filter((name) => name.startsWith('regex-'));
  for (const name of differing) expect(named.map((row) => row.name)).toContain(name);
  expect(differing.length).toBeLessThanOrEqual(rows.length * 0.03);
});

test.each(named)('$name $pattern $template $input', (row) => {
  const why = listed.get(row.name);
  if (why === undefined) expect(ours(row)).toEqual(recorded(row));
  else expect(ours(row), `listed as differing: ${why}`).not.toEqual(recorded(row));
});

function recorded({ compile_error: fault, error, result, ...row }: Row): unknown {
  if (fault !== undefined) return { rejected: fault.msg, position: fault.pos ?? expect.any(Number) };
  return {
    groups: row.groups,
    names: row.groupindex,
    span: row.match_span,
    captures: row.captures,
    sub: error === undefined ? result : { rejected: error.msg, position: error.pos ?? expect.any(Number) },
  };
}

function ours({ pattern, template, input }: Row): unknown {
  return attempt(() => {
    const compiled = pythonPattern(pattern);
    const match = compiled.match(input);
    return {
      groups: compiled.groups,
      names: Object.fromEntries(compiled.groupNames),
      span: match?.span,
      captures: match?.groups.map((group) => group ?? null),
      sub: attempt(() => compiled.sub(template, input)),
    };
  });
}

function attempt(deed: () => unknown): unknown {
  try {
    return deed();
  } catch (error) {
    if (!isStowageError(error, 'configuration')) throw error;
    const { reason, position } = error.facts as unknown as PatternFacts;
    return { rejected: reason, position };
  }
}
