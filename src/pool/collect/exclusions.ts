import { pythonPattern } from '../../rules/python-pattern.ts';
import type { CollectDir, CollectSettings } from '../configuration/pool-configuration.ts';

/** Why a path is left out; undefined if it is not. */
export type Exclusions = (path: string) => string | undefined;

/** What a directory's own settings and those for all leave out. */
export function exclusionsOf(section: CollectSettings, dir: CollectDir): Exclusions {
  const paths = new Set(
    [
      ...section.excludedPaths,
      ...dir.excludedPaths,
      ...dir.excludedRelativePaths.map((one) => `${dir.path === '/' ? '' : withoutSlash(dir.path)}/${one}`),
    ].map(withoutSlash),
  );
  const patterns = [...section.excludedPatterns, ...dir.excludedPatterns].map((source) => ({
    source,
    whole: pythonPattern(wholePattern(source)),
  }));
  return (path) => {
    if (paths.has(path)) return 'excluded by its path';
    const found = patterns.find(({ whole }) => whole.matches(path));
    return found === undefined ? undefined : `excluded by the pattern ${found.source}`;
  };
}

/** The pattern for all of a path, whatever alternatives it has; flags for the whole must stay in front. */
export function wholePattern(source: string): string {
  const flags = /^(?:\(\?[aiLmsux]+\))*/.exec(source)![0];
  return `${flags}(?:${source.slice(flags.length)})\\Z`;
}

/** A path without the slashes at its end. */
export function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/(?<=.)\/+$/, '') : path;
}
