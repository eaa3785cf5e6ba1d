import { posix } from 'node:path';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { isWithin, unsafePath } from '../../model/relative-path.ts';

/**
 * What the user named, as paths relative to the section: `./x`, `x/` and an absolute path below one of the section's roots are
 * understood, '.' is the whole section. Throws `usage` for a path that cannot be in the section.
 */
export function wantedPaths(paths: readonly string[], roots: readonly string[]): readonly string[] {
  return paths.map((given) => {
    const normal = posix.normalize(given).replace(/\/+$/, '');
    if (given === '') throw outside(given, 'it is empty');
    if (normal === '.') return '';
    if (!given.startsWith('/')) {
      const problem = unsafePath(normal);
      if (problem !== undefined) throw outside(given, problem);
      return normal;
    }
    const root = roots.find((one) => isWithin(normal, one));
    if (root === undefined) throw outside(given, 'it is not below the section');
    return normal.slice(root.length + 1);
  });
}

function outside(path: string, why: string): StowageError {
  return new StowageError('usage', `'${displayName(path)}' is not a path of the section: ${why}`, {
    hint: 'give paths relative to the section, as stowage find shows them',
  });
}
