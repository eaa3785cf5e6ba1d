import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';

/** Throws `unavailable` if the folder of a cache is not there: hours of scanning should not end in this. */
export function requireFolder(cache: string): void {
  const folder = dirname(cache);
  if (statSync(fsPath(folder), { throwIfNoEntry: false })?.isDirectory()) return;
  const what = `there is no directory '${displayName(folder)}' for the cache '${displayName(cache)}'`;
  throw new StowageError('unavailable', what, {
    hint: `mkdir -p '${displayName(folder)}', or name another with --cache-dir`,
  });
}
