import { unsafePath } from '../model/relative-path.ts';
import type { Fate } from './fate.ts';
import { excludeKey, type Rule, type Section, topKey } from './section.ts';

/** The rules of a section, ready for use. */
export interface RuleSet {
  /** What becomes of a path, relative to the section. Every path has exactly one fate. */
  fateOf(path: string): Fate;
  /** The rules that make archives and could match some path below a directory ('' is the section itself). Never too few. */
  rulesThatCouldMatchBelow(directory: string): readonly Rule[];
}

const noRules: readonly Rule[] = [];

/** The rules of a section with HPSSPy's meaning: a path is looked up by its first part, and one and only one rule may match it. */
export function ruleSet(section: Section): RuleSet {
  return {
    fateOf(path) {
      // Most sections exclude nothing, and a look-up hashes the whole path.
      if (section.excluded.size > 0 && section.excluded.has(path)) return { kind: 'excluded', rule: excludeKey };
      const directory = directoryOf(path);
      const rules = section.directories.get(directory) ?? noRules;
      let matching: Rule | undefined;
      let several: Rule[] | undefined;
      for (const rule of rules) {
        if (!rule.compiled.matches(path)) continue;
        if (matching === undefined) matching = rule;
        else if (several === undefined) several = [matching, rule];
        else several.push(rule);
      }
      if (several !== undefined) return { kind: 'ambiguous', rules: several };
      if (matching === undefined) return { kind: 'unmapped', directory, described: rules.length > 0 };
      return fateBy(matching, path);
    },
    rulesThatCouldMatchBelow(directory) {
      const candidates =
        directory === ''
          ? [...section.directories.values()].flat()
          : (section.directories.get(directory.split('/', 1)[0]!) ?? noRules);
      const below = directory === '' ? '' : `${directory}/`;
      return candidates.filter(({ kind, compiled: { literalPrefix } }) => {
        return kind === 'archive' && (literalPrefix.startsWith(below) || below.startsWith(literalPrefix));
      });
    },
  };
}

function directoryOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? topKey : path.slice(0, slash);
}

function fateBy(rule: Rule, path: string): Fate {
  if (rule.kind !== 'archive') return { kind: rule.kind === 'exclude' ? 'excluded' : 'automated', rule };
  const archive = rule.compiled.sub(rule.replacement, path);
  const why = unsafePath(archive);
  if (why !== undefined) return { kind: 'refused', reason: { kind: 'illegal-name', name: archive, why }, rule };
  return { kind: 'archived', archive, rule };
}
