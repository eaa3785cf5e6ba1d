import type { Rule } from './section.ts';

/** The rules of one directory by how their matches begin. */
export interface RuleHeads {
  /** Those that could match the path, in their order: all others need a beginning that it has not. */
  rulesFor(path: string): readonly Rule[];
}

const fewRules = 3;

/** The rules of a directory, to be asked for many paths. */
export function ruleHeads(rules: readonly Rule[]): RuleHeads {
  const length = headLength(rules);
  if (length === 0) return { rulesFor: () => rules };
  const isOpen = (rule: Rule) => rule.compiled.literalPrefix.length < length;
  const open = rules.filter(isOpen);
  const byHead = new Map<string, readonly Rule[]>();
  for (const rule of rules) {
    const head = rule.compiled.literalPrefix.slice(0, length);
    if (isOpen(rule) || byHead.has(head)) continue;
    byHead.set(
      head,
      rules.filter((other) => isOpen(other) || other.compiled.literalPrefix.startsWith(head)),
    );
  }
  // Neighbours mostly begin alike.
  let lastHead: string | undefined;
  let last: readonly Rule[] = open;
  return {
    rulesFor(path) {
      if (lastHead !== undefined && path.startsWith(lastHead)) return last;
      const head = path.slice(0, length);
      lastHead = head.length === length ? head : undefined;
      last = byHead.get(head) ?? open;
      return last;
    },
  };
}

/** How much of a path tells the rules apart best: the length that leaves the fewest to be tried. 0 if looking it up is not worth while. */
function headLength(rules: readonly Rule[]): number {
  if (rules.length <= fewRules) return 0;
  const prefixes = rules.map((rule) => rule.compiled.literalPrefix);
  let best = { length: 0, tried: rules.length };
  for (const length of new Set(prefixes.map((prefix) => prefix.length))) {
    if (length === 0) continue;
    const counts = new Map<string, number>();
    let open = 0;
    for (const prefix of prefixes) {
      if (prefix.length < length) open += 1;
      else counts.set(prefix.slice(0, length), (counts.get(prefix.slice(0, length)) ?? 0) + 1);
    }
    const tried = open + Math.max(0, ...counts.values());
    if (tried < best.tried || (tried === best.tried && length < best.length)) best = { length, tried };
  }
  return best.length;
}
