import { statSync } from 'node:fs';
import { StowageError, systemCode } from '../../../errors.ts';
import { fsPath } from '../../../model/byte-name.ts';
import type { FileFilters } from '../find-filter.ts';
import type { PlacedPair } from './placed-pair.ts';

/** A path whose last parts hold a `*`, as the directory before them, without `/` at its end, and the rest; undefined without a `*`. */
export function splitPattern(path: string): { readonly directory: string; readonly pattern: string } | undefined {
  const star = path.indexOf('*');
  if (star < 0) return undefined;
  const slash = path.lastIndexOf('/', star);
  return { directory: path.slice(0, Math.max(slash, 0)) || (slash === 0 ? '/' : ''), pattern: path.slice(slash + 1) };
}

/**
 * A source such as `data/*.root` as its directory and a pattern, if nothing has that very name: `isThere` tells for the Grid. What is found goes into the destination, by its path below the
 * directory. Throws `usage` with errno 22 beside another choice of files.
 */
export function withPattern(pair: PlacedPair, filters: FileFilters, isThere: (lfn: string) => boolean): PlacedPair {
  const isUpload = pair.kind === 'upload';
  const source = isUpload ? pair.local : pair.lfn;
  const split = splitPattern(source);
  if (split === undefined || (isUpload ? isHere(source) : isThere(source))) return pair;
  const other = filters.given.find((option) => ['-glob', '-select', '-name'].includes(option));
  if (other !== undefined) {
    throw new StowageError('usage', `cp: ${other} and the pattern in '${pair.shown}' cannot be used together`, {
      facts: { errno: 22 },
    });
  }
  const { directory, pattern } = split;
  return { ...pair, [isUpload ? 'local' : 'lfn']: directory, isContent: true, isInto: true, pattern };
}

function isHere(path: string): boolean {
  try {
    statSync(fsPath(path));
    return true;
  } catch (error) {
    // Whatever else is wrong with it is told where it is looked at.
    return systemCode(error) !== 'ENOENT';
  }
}
