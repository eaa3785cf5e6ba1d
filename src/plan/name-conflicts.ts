import { parentOf } from '../model/relative-path.ts';

/**
 * Archive names that cannot both be: `a` and `a/b.tar` would make `a` a file and a folder at once. Each such name with the one
 * that it stands against.
 */
export function nameConflicts(names: Iterable<string>): ReadonlyMap<string, string> {
  const all = new Set(names);
  const conflicts = new Map<string, string>();
  for (const name of all) {
    for (let above = parentOf(name); above !== ''; above = parentOf(above)) {
      if (!all.has(above)) continue;
      conflicts.set(name, above);
      conflicts.set(above, name);
    }
  }
  return conflicts;
}
