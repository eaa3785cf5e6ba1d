import { readdirSync } from 'node:fs';
import { fileError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { pythonPattern } from '../../rules/python-pattern.ts';
import { wholePattern, withoutSlash } from '../collect/exclusions.ts';
import type { Exclusions } from '../configuration/extension-sections.ts';

/** What lies in a directory, less what is excluded by its name below it or by a pattern for its path; files, or directories. */
export function itemsIn(dir: Exclusions & { readonly path: string }, kind: 'files' | 'directories'): readonly string[] {
  const top = withoutSlash(dir.path);
  const relative = new Set(dir.excludedRelativePaths.map((one) => `${top}/${one}`));
  const patterns = dir.excludedPatterns.map((one) => pythonPattern(wholePattern(one)));
  try {
    return readdirSync(fsPath(top), { withFileTypes: true, encoding: 'buffer' })
      .filter((entry) => (kind === 'files' ? entry.isFile() : entry.isDirectory()))
      .sort((one, other) => Buffer.compare(one.name, other.name))
      .map((entry) => `${top}/${nameFromBytes(entry.name)}`)
      .filter((path) => !relative.has(path) && !patterns.some((one) => one.matches(path)));
  } catch (error) {
    throw fileError(`cannot look at '${displayName(top)}'`, error);
  }
}
