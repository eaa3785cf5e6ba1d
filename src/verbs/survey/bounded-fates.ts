import type { Fate } from '../../rules/fate.ts';
import { type RuleSet, ruleSet } from '../../rules/rule-set.ts';
import { type Rule, type Section, topKey } from '../../rules/section.ts';
import { within } from './time-limit.ts';

/** The fates of paths, where no pattern can hang the run. */
export interface BoundedFates {
  /** One fate for each path, in the same order. A path on which a pattern runs out of time is refused, with the rule. */
  fatesOf(paths: readonly string[]): readonly Fate[];
}

export interface TimeLimits {
  /** For some thousand paths at once; sound patterns need some milliseconds. */
  readonly batchMilliseconds: number;
  /** For one path. */
  readonly pathMilliseconds: number;
  /** A rule that ran out of time on so many paths is not tried any more. */
  readonly strikes: number;
}

const defaultLimits: TimeLimits = { batchMilliseconds: 2000, pathMilliseconds: 1000, strikes: 3 };

/** How many paths go through under one time limit: setting one takes about as long as the fates of a hundred paths. */
const batchLength = 16_384;

/**
 * Bounded fates of a section. Paths go through in batches under a time limit; the paths of a batch that exceeds it go one by one.
 * A pattern that tries everything would otherwise need longer than anyone waits, on one unlucky name.
 */
export function boundedFates(section: Section, limits: TimeLimits = defaultLimits): BoundedFates {
  const rules = ruleSet(section);
  const strikes = new Map<Rule, number>();

  const struckOut = (path: string): Rule | undefined => {
    if (strikes.size === 0) return undefined;
    return rulesFor(section, path).find(
      (rule) => (strikes.get(rule) ?? 0) >= limits.strikes && path.startsWith(rule.compiled.literalPrefix),
    );
  };
  const singleFate = (path: string): Fate => {
    const out = section.excluded.has(path) ? undefined : struckOut(path);
    if (out !== undefined) return timedOut(out);
    const fate = within(limits.pathMilliseconds, () => fatesNow(rules, [path]));
    if (fate !== undefined) return fate[0]!;
    const culprit = slowRule(section, path, limits.pathMilliseconds);
    strikes.set(culprit, (strikes.get(culprit) ?? 0) + 1);
    return timedOut(culprit);
  };

  return {
    fatesOf(paths) {
      if (paths.length <= batchLength && strikes.size === 0) {
        // Millions of paths come through here: one batch need not be copied.
        const done = within(limits.batchMilliseconds, () => fatesNow(rules, paths));
        return done ?? paths.map(singleFate);
      }
      const fates: Fate[] = [];
      for (let from = 0; from < paths.length; from += batchLength) {
        const batch = paths.slice(from, from + batchLength);
        const done = strikes.size > 0 ? undefined : within(limits.batchMilliseconds, () => fatesNow(rules, batch));
        fates.push(...(done ?? batch.map(singleFate)));
      }
      return fates;
    },
  };
}

/** Which archive each path goes to; undefined for one that goes to none. */
export function archivesOf(fates: BoundedFates, paths: readonly string[]): readonly (string | undefined)[] {
  return fates.fatesOf(paths).map((fate) => (fate.kind === 'archived' ? fate.archive : undefined));
}

function fatesNow(rules: RuleSet, paths: readonly string[]): readonly Fate[] {
  return paths.map((path) => rules.fateOf(path));
}

function rulesFor(section: Section, path: string): readonly Rule[] {
  const slash = path.indexOf('/');
  return section.directories.get(slash < 0 ? topKey : path.slice(0, slash)) ?? [];
}

/** The rule that runs out of time alone; the last one if all are fast alone and only together too slow. */
function slowRule(section: Section, path: string, milliseconds: number): Rule {
  const rules = rulesFor(section, path);
  const slow = rules.find((rule) => within(milliseconds / 2, () => tried(rule, path)) === undefined);
  return slow ?? rules.at(-1)!;
}

function tried(rule: Rule, path: string): boolean {
  if (!rule.compiled.matches(path)) return false;
  rule.compiled.sub(rule.replacement, path);
  return true;
}

function timedOut(rule: Rule): Fate {
  return { kind: 'refused', reason: { kind: 'timed-out' }, rule };
}
