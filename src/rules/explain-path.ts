import type { Fate } from './fate.ts';
import { pythonPattern } from './python-pattern.ts';
import { ruleSet } from './rule-set.ts';
import { excludeKey, type Rule, type Section, topKey } from './section.ts';

/** What becomes of a path, and everything that led there. */
export interface PathExplanation {
  /** Relative to the section. */
  readonly path: string;
  readonly fate: Fate;
  /** The entry of the section that was looked up: the first part of the path, or `__top__`. */
  readonly directory: string;
  /** True if `__exclude__` names the path; then no rule counts. */
  readonly excluded: boolean;
  /** Every rule of that entry, in the order of the file. */
  readonly trials: readonly RuleTrial[];
}

/** One rule tried on a path. */
export type RuleTrial =
  | {
      readonly kind: 'match';
      readonly rule: Rule;
      /** What the pattern matches, from the start of the path, and what is left behind it. */
      readonly matched: string;
      readonly rest: string;
      /** What the groups hold; undefined for one that took no part. */
      readonly groups: readonly (string | undefined)[];
      /** For a rule that makes archives: how the name comes about. */
      readonly name: NameSteps | undefined;
    }
  | {
      readonly kind: 'no-match';
      readonly rule: Rule;
      /** The longest beginning of the pattern that is a pattern itself and matches, and what it matches; both may be ''. */
      readonly reached: { readonly pattern: string; readonly path: string };
    };

/** The pieces of a name in their order: what of the path stays, and what a match is replaced by. Put together they are the name. */
export interface NameSteps {
  readonly name: string;
  readonly steps: readonly NameStep[];
}

export type NameStep =
  | { readonly kind: 'kept'; readonly text: string }
  /** `matched` is undefined where it cannot be told apart from other matches. */
  | { readonly kind: 'replaced'; readonly matched: string | undefined; readonly by: string };

/** Explains the fate of a path that is relative to the section. */
export function explainPath(section: Section, path: string): PathExplanation {
  const slash = path.indexOf('/');
  const directory = slash < 0 ? topKey : path.slice(0, slash);
  return {
    path,
    fate: ruleSet(section).fateOf(path),
    directory,
    excluded: section.excluded.has(path),
    trials: (directory === excludeKey ? [] : (section.directories.get(directory) ?? [])).map((rule) =>
      trial(rule, path),
    ),
  };
}

function trial(rule: Rule, path: string): RuleTrial {
  const match = rule.compiled.match(path);
  if (match === undefined) return { kind: 'no-match', rule, reached: reachedBy(rule.pattern, path) };
  const points = Array.from(path);
  const matched = points.slice(0, match.span[1]).join('');
  const rest = path.slice(matched.length);
  const name = rule.kind === 'archive' ? nameSteps(rule, path, matched) : undefined;
  return { kind: 'match', rule, matched, rest, groups: match.groups, name };
}

function reachedBy(pattern: string, path: string): { readonly pattern: string; readonly path: string } {
  const points = Array.from(pattern);
  for (let length = points.length - 1; length > 0; length -= 1) {
    const beginning = points.slice(0, length).join('');
    const match = attempt(() => pythonPattern(beginning).match(path));
    if (match !== undefined) return { pattern: beginning, path: Array.from(path).slice(0, match.span[1]).join('') };
  }
  return { pattern: '', path: '' };
}

/**
 * The substitution in pieces: done once more with marks around each replacement, of which neither path nor template has any. What a match
 * took follows for the first and for the last one from what stands around it.
 */
function nameSteps({ compiled, replacement }: Rule, path: string, first: string): NameSteps {
  const name = compiled.sub(replacement, path);
  const mark = freeMark(`${path}${replacement.source}`);
  const marked = compiled.sub({ ...replacement, parts: [mark, ...replacement.parts, mark] }, path).split(mark);
  const last = marked.length - 2;
  const steps = marked.flatMap((text, index): NameStep[] => {
    if (index % 2 === 0) return text === '' ? [] : [{ kind: 'kept', text }];
    if (index === 1) return [{ kind: 'replaced', matched: first, by: text }];
    const before = `${first}${marked[2]}`;
    const matched = last === 3 ? path.slice(before.length, path.length - marked.at(-1)!.length) : undefined;
    return [{ kind: 'replaced', matched, by: text }];
  });
  return { name, steps };
}

function freeMark(text: string): string {
  let code = 0xe000;
  while (text.includes(String.fromCharCode(code))) code += 1;
  return String.fromCharCode(code);
}

function attempt<T>(deed: () => T): T | undefined {
  try {
    return deed();
  } catch {
    return undefined;
  }
}
