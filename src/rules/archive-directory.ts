import { baseOf, commonDirectory, isWithin, joinPath, parentOf } from '../model/relative-path.ts';

/** Which directories the name of an archive stands for. All are relative to the section, '' is the section itself. */
export interface ArchiveDirectory {
  /** Where its directories and members are named from: htar's working directory. Every member lies below it. */
  readonly base: string;
  /** Directories of members, sorted. None for a list of files, and for a file that is stored as it is. */
  readonly directories: readonly string[];
  /**
   * `name`: the name says it. `placeholders`: it says it with an X for each character that differs. `files`: it ends in `_files.tar`,
   * and the members are listed one by one. `members`: the name says nothing, it is their deepest common directory. `plain`: no tar.
   */
  readonly by: 'name' | 'placeholders' | 'files' | 'members' | 'plain';
}

/**
 * The directories among the members' own that the name of an archive stands for, as HPSSPy's users name them: `d1/data_d1_batch.tar` is
 * `d1/batch`, `foo/foo_1XX.tar` is `foo/100` and `foo/101`. Only if every member lies in them; else the deepest directory that all
 * members have in common. A name never decides what is in an archive: the rules do. `members` is gone through more than once.
 */
export function directoryOfArchive(archive: string, members: Iterable<string>): ArchiveDirectory {
  const common = commonDirectory(members);
  if (!archive.endsWith('.tar')) return { base: common, directories: [], by: 'plain' };
  const own = parentOf(archive);
  const base = isWithin(common, own) ? own : common;
  if (archive.endsWith('_files.tar')) return { base, directories: [], by: 'files' };
  if (base === own) {
    const named = namedDirectory(archive, own, common);
    if (named !== undefined) return { base, directories: [named], by: 'name' };
    const children = childrenOf(own, members);
    if (children !== undefined && readings(archive).some((reading) => fitsAll(reading, children))) {
      return { base, directories: children.map((child) => joinPath(own, child)), by: 'placeholders' };
    }
  }
  return { base: common, directories: [common], by: 'members' };
}

/**
 * The directory that a name stands for as far as the name alone can tell: its last part without extension, less a prefix that
 * repeats the directories above it, however many of them. `directoryOfArchive` knows better, from the members.
 */
export function directoryNameOf(archive: string): string {
  return readings(archive)[0]!;
}

/** Everything that the last part of a name can mean, the likeliest first: less the longest prefix of directories, …, as it is, less any prefix. */
function readings(archive: string): readonly string[] {
  const stem = baseOf(archive).replace(/(?<=.)\.[^.]*$/s, '');
  const above = parentOf(archive)
    .split('/')
    .filter((part) => part !== '');
  const found = new Set<string>();
  for (let depth = above.length; depth > 0; depth -= 1) {
    const prefix = `${above.slice(-depth).join('_')}_`;
    // Other words may stand before the directories, but the directories must be whole: 'data_d1_batch', not 'xd1_batch'.
    const at = stem.startsWith(prefix) ? 0 : stem.indexOf(`_${prefix}`) + 1;
    if (at > 0 || stem.startsWith(prefix)) found.add(stem.slice(at + prefix.length));
  }
  found.add(stem);
  for (let at = stem.indexOf('_'); at >= 0; at = stem.indexOf('_', at + 1)) found.add(stem.slice(at + 1));
  return [...found];
}

/** The directory below the archive's own that holds all members and is written out in the name, its parts joined by `_` if it has several. */
function namedDirectory(archive: string, own: string, common: string): string | undefined {
  if (common === own) return undefined;
  const parts = (own === '' ? common : common.slice(own.length + 1)).split('/');
  for (const reading of readings(archive)) {
    for (let depth = 1; depth <= parts.length; depth += 1) {
      if (parts.slice(0, depth).join('_') === reading) return joinPath(own, parts.slice(0, depth).join('/'));
    }
  }
  return undefined;
}

/** The directories right below `own` that hold the members, sorted; undefined if a member lies in none. */
function childrenOf(own: string, paths: Iterable<string>): readonly string[] | undefined {
  const found = new Set<string>();
  for (const path of paths) {
    const below = own === '' ? path : path.slice(own.length + 1);
    const slash = below.indexOf('/');
    if (slash < 0) return undefined;
    found.add(below.slice(0, slash));
  }
  return [...found].sort();
}

/** True if the name ends in X and fits all directories, with any character for each X and itself for every other. */
function fitsAll(name: string, directories: readonly string[]): boolean {
  const wanted = Array.from(name);
  return (
    wanted.at(-1) === 'X' &&
    directories.every((directory) => {
      const found = Array.from(directory);
      return found.length === wanted.length && wanted.every((one, index) => one === 'X' || one === found[index]);
    })
  );
}
