import type { HeldObject } from '../system/attributes.ts';
import { entriesOf, find, joined } from '../system/namespace.ts';
import type { System } from '../system/system.ts';

/** True if a word has a wildcard that is not quoted. */
export function isWild(pattern: string): boolean {
  return /(?<!\\)(?:\\\\)*[*?[{]/.test(pattern);
}

/** The paths that a pattern matches, sorted; as they were asked for, so relative ones stay so. `at` is the directory of relative paths. */
export function matchingPaths(system: System, at: string, pattern: string): readonly string[] {
  return alternatives(pattern).flatMap((one) => {
    const absolute = one.startsWith('/');
    const names = one.split('/').filter((name) => name !== '');
    let found: { readonly shown: string; readonly object: HeldObject }[] = [
      { shown: absolute ? '/' : '', object: find(system, absolute ? '/' : at) },
    ];
    for (const name of names) {
      const expression = expressionOf(name);
      found = found.flatMap(({ shown, object }) => {
        if (object.type !== 'd') return [];
        return entriesOf(system, object)
          .filter(([entry]) => expression.test(entry) && (name.startsWith('.') || !entry.startsWith('.')))
          .map(([entry, inner]) => ({ shown: shown === '' ? entry : joined(shown, entry), object: inner }));
      });
    }
    return found.map(({ shown }) => shown);
  });
}

/** The patterns that `{a,b}` stands for. */
function alternatives(pattern: string): readonly string[] {
  const match = /^((?:\\.|[^\\{])*)\{((?:\\.|[^\\{}])*)\}(.*)$/s.exec(pattern);
  if (match === null) return [pattern];
  const [, before, inside, after] = match;
  return inside!.split(/(?<!\\),/).flatMap((one) => alternatives(`${before}${one}${after}`));
}

function expressionOf(name: string): RegExp {
  let source = '';
  for (let at = 0; at < name.length; at += 1) {
    const letter = name[at]!;
    if (letter === '\\') {
      at += 1;
      source += literal(name[at] ?? '\\');
    } else if (letter === '*') source += '.*';
    else if (letter === '?') source += '.';
    else if (letter === '[') {
      const end = name.indexOf(']', at + 2);
      if (end < 0) source += '\\[';
      else {
        const inside = name.slice(at + 1, end).replace(/[\\\]]/g, '\\$&');
        source += `[${inside.replace(/^[!^]/, '^')}]`;
        at = end;
      }
    } else source += literal(letter);
  }
  return new RegExp(`^${source}$`, 's');
}

function literal(letter: string): string {
  return letter.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** True if one name matches a pattern, `{a,b}` included. */
export function matchesName(pattern: string, name: string): boolean {
  return alternatives(pattern).some((one) => expressionOf(one).test(name));
}
