import { unsafePath } from '../model/relative-path.ts';
import type { Fate } from './fate.ts';
import { type RuleHeads, ruleHeads } from './rule-heads.ts';
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
  const directories = new Map<string, RuleHeads>();
  for (const [directory, rules] of section.directories)
    if (rules.length > 0) directories.set(directory, ruleHeads(rules));
  // Neighbours mostly lie in the same directory.
  let lastBegin: string | undefined;
  let lastHeads: RuleHeads | undefined;
  const headsOf = (path: string): RuleHeads | undefined => {
    if (lastBegin !== undefined && path.startsWith(lastBegin)) return lastHeads;
    const directory = directoryOf(path);
    lastHeads = directories.get(directory);
    lastBegin = path.length > directory.length && path[directory.length] === '/' ? `${directory}/` : undefined;
    return lastHeads;
  };
  // Neighbours mostly go to the same archive: its fate, and that its name is a safe one, is found out once.
  let last: (Fate & { readonly kind: 'archived' }) | undefined;
  return {
    fateOf(path) {
      // Most sections exclude nothing, and a look-up hashes the whole path.
      if (section.excluded.size > 0 && section.excluded.has(path)) return { kind: 'excluded', rule: excludeKey };
      const heads = headsOf(path);
      let matching: Rule | undefined;
      let archive: string | undefined;
      let several: Rule[] | undefined;
      for (const rule of heads?.rulesFor(path) ?? noRules) {
        const name = rule.kind === 'archive' ? rule.compiled.subAtStart(rule.replacement, path) : undefined;
        if (name === undefined && (rule.kind === 'archive' || !rule.compiled.matches(path))) continue;
        if (matching === undefined) {
          matching = rule;
          archive = name;
        } else if (several === undefined) several = [matching, rule];
        else several.push(rule);
      }
      if (several !== undefined) return { kind: 'ambiguous', rules: several };
      if (matching === undefined)
        return { kind: 'unmapped', directory: directoryOf(path), described: heads !== undefined };
      if (last !== undefined && archive === last.archive && matching === last.rule) return last;
      const fate = fateBy(matching, archive);
      if (fate.kind === 'archived') last = fate;
      return fate;
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

/** What becomes of a path that this rule alone matches, and gives that name if it makes archives. */
export function fateBy(rule: Rule, archive: string | undefined): Fate {
  if (archive === undefined) return { kind: rule.kind === 'exclude' ? 'excluded' : 'automated', rule };
  const why = unsafePath(archive);
  if (why !== undefined) return { kind: 'refused', reason: { kind: 'illegal-name', name: archive, why }, rule };
  return { kind: 'archived', archive, rule };
}
