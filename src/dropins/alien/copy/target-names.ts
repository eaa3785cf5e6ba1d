import { StowageError } from '../../../errors.ts';
import { displayName } from '../../../model/byte-name.ts';

/** How much of the name of a source stays in that of its target. */
export interface KeptNames {
  readonly parent: number | undefined;
  readonly rmprefix: number | undefined;
}

/** A file that was found: in which of the directories that were named, if in one, and where below. */
export interface FoundName {
  /** Absolute, without `/` at its end: of the file itself, or of the directory that it was found in. */
  readonly source: string;
  /** The path below that directory; undefined for a file that was named itself. */
  readonly below: string | undefined;
  /** True if the directory was named with `/` at its end: its content goes, without itself. */
  readonly isContent: boolean;
}

/**
 * What of a source's name stands below the directory that it goes to. `dir` keeps its own name, `dir/` does not; with `parent` so many directories more stay, with `rmprefix` all but so many
 * from the left. Throws `usage` where less would be left than a name, and `refused` for one that leads elsewhere.
 */
export function keptName({ source, below, isContent }: FoundName, { parent, rmprefix }: KeptNames): string {
  const parts = source.split('/').filter((part) => part !== '');
  const rest = below === undefined ? [] : safeParts(below);
  const all = [...parts, ...rest];
  if (rmprefix !== undefined) {
    if (rmprefix >= all.length) {
      throw new StowageError(
        'usage',
        `cp: -rmprefix ${rmprefix} leaves nothing of '${displayName(`/${all.join('/')}`)}', which has ${all.length} parts`,
        { facts: { errno: 22 } },
      );
    }
    return safeParts(all.slice(rmprefix).join('/')).join('/');
  }
  const own = below === undefined || !isContent ? 1 : 0;
  const kept = parts.slice(Math.max(0, parts.length - own - (parent ?? 0)));
  return safeParts([...kept, ...rest].join('/')).join('/');
}

/** The parts of a path that stays below where it is put. Throws `refused` otherwise: servers may name anything. */
export function safeParts(path: string): readonly string[] {
  const parts = path.split('/');
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new StowageError('refused', `'${displayName(path)}' is no name below a directory: it leads elsewhere`, {
      facts: { errno: 22 },
    });
  }
  return parts;
}
