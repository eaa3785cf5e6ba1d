import { pythonPattern } from './python-pattern.ts';
import type { Rule } from './section.ts';

/** A rule of which every path is matched by another rule too, so that all its paths are ambiguous. */
export interface Overlap {
  readonly rule: Rule;
  readonly coveredBy: Rule;
}

/**
 * The rules of one directory that can have no path of their own. Only where that is plain from the text: the other pattern is the
 * beginning of this one and then anything (`d1/.*$`), or any name (`d1/[^/]+$`). Never wrong but for names with a newline; not complete.
 */
export function overlaps(rules: readonly Rule[]): readonly Overlap[] {
  const covers = rules.map(coverOf);
  return rules.flatMap((rule, index) => {
    const own = covers[index];
    const at = covers.findIndex((cover, other) => {
      if (cover === undefined || other === index || !isCovered(rule, cover)) return false;
      // Of two that cover each other, the later is told of.
      return other < index || own === undefined || !isCovered(rules[other]!, own);
    });
    return at < 0 ? [] : [{ rule, coveredBy: rules[at]! }];
  });
}

/** A pattern that ends in a wildcard: what stands before it, and what it lets follow. */
interface Cover {
  readonly head: string;
  readonly rest: 'anything' | 'a name' | 'a name or nothing';
}

function coverOf({ pattern }: Rule): Cover | undefined {
  const anything = /^(.*?)(?:\.\*|\(\.\*\))\$?$/s.exec(pattern);
  const name = /^(.*?)(?:\[\^\/\]([+*])|\(\[\^\/\]([+*])\))\$$/s.exec(pattern);
  const head = (anything ?? name)?.[1];
  if (head === undefined || !isWhole(head)) return undefined;
  if (anything !== null) return { head, rest: 'anything' };
  return { head, rest: (name![2] ?? name![3]) === '+' ? 'a name' : 'a name or nothing' };
}

function isCovered({ pattern, compiled }: Rule, { head, rest }: Cover): boolean {
  if (rest === 'anything' && isLiteral(head) && compiled.literalPrefix.startsWith(head.replaceAll('\\', '')))
    return true;
  if (!pattern.startsWith(head) || hasTopChoice(pattern)) return false;
  const tail = pattern.slice(head.length);
  // Then the text of the head would mean something else here.
  if (/^[*+?{]/.test(tail) || (/\\\d+$/.test(head) && /^\d/.test(tail))) return false;
  if (rest === 'anything') return true;
  return compiled.endsAtEnd && hasNoSlash(tail) && (rest === 'a name or nothing' || neverEmpty(tail));
}

/** True for the beginning of a pattern that is a pattern itself and that every match of the whole must match first. */
function isWhole(head: string): boolean {
  return !/\(\?(?!:|P<)/.test(head) && !/\{[^}]*$/.test(head) && !hasTopChoice(head) && compile(head) !== undefined;
}

function isLiteral(head: string): boolean {
  return /^(?:[^\\.^$*+?{}[\]|()]|\\[^A-Za-z0-9])*$/.test(head);
}

/** True if there is a `|` that is in no group. */
function hasTopChoice(pattern: string): boolean {
  let depth = 0;
  for (const [token] of pattern.matchAll(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]/gs)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (token === '|' && depth === 0) return true;
  }
  return false;
}

const slashless = [
  String.raw`[^\\/.[\]()]`,
  String.raw`\\[dws]`,
  String.raw`\\[^A-Za-z0-9/]`,
  String.raw`\[\^(?=[^\]]*/)(?:[^\]\\[]|\\[^A-Z0-9])+\]`,
  String.raw`\[(?!\^)(?:a-z|A-Z|[0-9]-[0-9]|[A-Za-z0-9_.](?!-[^\]])|\\[dws.-])+-?\]`,
  String.raw`\((?:\?:)?`,
  String.raw`\)`,
];
const slashlessPattern = new RegExp(`^(?:${slashless.join('|')})*$`, 's');

/** True if a pattern is made of nothing but parts that match no slash; false if that is not plain. */
function hasNoSlash(tail: string): boolean {
  return slashlessPattern.test(tail);
}

function neverEmpty(tail: string): boolean {
  const compiled = compile(tail);
  return compiled !== undefined && !compiled.matches('');
}

function compile(pattern: string): ReturnType<typeof pythonPattern> | undefined {
  try {
    return pythonPattern(pattern);
  } catch {
    return undefined;
  }
}
