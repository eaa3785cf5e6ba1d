import { lstatSync, readdirSync } from 'node:fs';
import { fsPath } from '../../model/byte-name.ts';
import { joinPath, parentOf } from '../../model/relative-path.ts';
import { directoryOfArchive } from '../../rules/archive-directory.ts';
import type { MissingArchive } from './missing-archives.ts';

/** The command that stores an archive, as HPSSPy would give it; `root` is the section's place on the disk that has the files. */
export type ArchiveCommand =
  /** `htar` in `base`, of whole directories. */
  | {
      readonly kind: 'directories';
      readonly root: string;
      readonly base: string;
      readonly directories: readonly string[];
    }
  /** `htar` in `base`, of a list of files. */
  | { readonly kind: 'list'; readonly root: string; readonly base: string; members(): readonly string[] }
  /** `hsi put`. */
  | { readonly kind: 'put'; readonly root: string; readonly file: string }
  | { readonly kind: 'impossible'; readonly why: string };

/** What must be known of an archive to say how it is stored. */
export interface ArchiveFacts {
  readonly name: string;
  readonly count: number;
  readonly first: string | undefined;
  /** The directories that hold its files. */
  readonly places: ReadonlyMap<string, number>;
  /** All of its files; asked for only if they must be listed. */
  files(): readonly string[];
}

/** The facts of an archive with these files. */
export function factsOf({ name, files }: MissingArchive): ArchiveFacts {
  const places = new Map<string, number>();
  for (const file of files) places.set(parentOf(file), (places.get(parentOf(file)) ?? 0) + 1);
  return { name, count: files.length, first: files[0], places, files: () => files };
}

/** True if the directories, on this root, hold the files of the archive and nothing else. */
export type HoldsOnly = (archive: ArchiveFacts, root: string, directories: readonly string[]) => boolean;

/**
 * The command for an archive whose files lie below one of the roots: HPSSPy's own where it stores exactly these files, and one with a list of
 * them where its own would store others too.
 */
export function archiveCommand(archive: ArchiveFacts, roots: readonly string[], holdsOnly: HoldsOnly): ArchiveCommand {
  const { name, first, count, places } = archive;
  if (first === undefined) return { kind: 'impossible', why: 'it has no files' };
  const root = roots.find((one) => isThere(joinPath(one, first)));
  if (root === undefined) return { kind: 'impossible', why: `there is no '${joinPath(roots[0] ?? '', first)}'` };
  if (!name.endsWith('.tar')) {
    if (count === 1) return { kind: 'put', root, file: first };
    return { kind: 'impossible', why: `it is not a .tar and can hold one file only, not ${count}` };
  }
  // Where its files lie is all that matters, not what they are called.
  const oneOfEach = [...places.keys()].map((directory) => joinPath(directory, 'x'));
  const { base, directories, by } = directoryOfArchive(name, oneOfEach);
  if ((by === 'name' || by === 'placeholders') && holdsOnly(archive, root, directories)) {
    return { kind: 'directories', root, base, directories: directories.map((one) => below(base, one)) };
  }
  return { kind: 'list', root, base, members: () => archive.files().map((file) => below(base, file)) };
}

function below(base: string, path: string): string {
  return base === '' ? path : path.slice(base.length + 1);
}

function isThere(path: string): boolean {
  try {
    return lstatSync(fsPath(path), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Looks at the disk. */
export const holdsOnlyOnDisk: HoldsOnly = ({ count }, root, directories) => {
  const open = directories.map((directory) => joinPath(root, directory));
  let found = 0;
  try {
    for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
      for (const entry of readdirSync(fsPath(directory), { withFileTypes: true })) {
        if (entry.isDirectory()) open.push(`${directory}/${entry.name}`);
        else found += 1;
      }
      if (found > count) return false;
    }
  } catch {
    return false;
  }
  return found === count;
};

/** Goes by what a disk cache lists: how many files each directory has. */
export function holdsOnlyListed(listed: ReadonlyMap<string, number>): HoldsOnly {
  const sorted = [...listed.keys()].map((directory) => `${directory}/`).sort();
  return ({ places }, _, directories) => {
    for (const [place, count] of places) if (listed.get(place) !== count) return false;
    return directories.every((directory) => {
      const above = `${directory}/`;
      for (let at = firstFrom(sorted, above); sorted[at]?.startsWith(above) === true; at += 1) {
        if (!places.has(sorted[at]!.slice(0, -1))) return false;
      }
      return true;
    });
  };
}

function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
