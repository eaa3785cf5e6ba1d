import { displayName } from '../model/byte-name.ts';
import { followLinks, lookAtPaths, type SeenPath } from './follow-links.ts';
import { hsiFailure } from './hpss-error.ts';
import type { HpssFile } from './hpss-file.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hpssFile } from './listing.ts';

export interface StatOptions extends HpssOptions {
  /** False: look at a link itself. True if not given. */
  readonly followSymlinks?: boolean;
}

/** What HPSS says of a path, links followed. Throws `HpssOSError`, with the code `missing` if there is none. */
export async function stat(path: string, options: StatOptions = {}): Promise<HpssFile> {
  const seen = await (options.followSymlinks === false ? lookAtPaths : followLinks)([path], options);
  return found(seen[0], path, options);
}

/** What HPSS says of a path itself. Throws as `stat` does. */
export async function lstat(path: string, options: HpssOptions = {}): Promise<HpssFile> {
  return found((await lookAtPaths([path], options))[0], path, options);
}

/** The same for several paths in one session; undefined for each that is not there. */
export async function lstatAll(
  paths: readonly string[],
  options: HpssOptions = {},
): Promise<readonly (HpssFile | undefined)[]> {
  return (await lookAtPaths(paths, options)).map((seen) =>
    seen === undefined ? undefined : hpssFile(seen.path, seen.line, seen.line.name, options),
  );
}

/** True if the path is a directory, or a link to one; false if there is none. */
export async function isdir(path: string, options: HpssOptions = {}): Promise<boolean> {
  return (await followLinks([path], options))[0]?.line.type === 'd';
}

/** True if the path is a file, or a link to one; false if there is none. */
export async function isfile(path: string, options: HpssOptions = {}): Promise<boolean> {
  return (await followLinks([path], options))[0]?.line.type === '-';
}

/** True if the path is a link; false if there is none. */
export async function islink(path: string, options: HpssOptions = {}): Promise<boolean> {
  return (await lookAtPaths([path], options))[0]?.line.type === 'l';
}

function found(seen: SeenPath | undefined, path: string, options: HpssOptions): HpssFile {
  if (seen !== undefined) return hpssFile(seen.path, seen.line, seen.line.name, options);
  const text = `*** ls: No such file or directory: HPSS_ENOENT ${path}\n`;
  throw hsiFailure(`cannot look at '${displayName(path)}'`, text);
}
