import { lstatSync, readdirSync } from 'node:fs';
import { fsPath } from '../../model/byte-name.ts';
import { joinPath } from '../../model/relative-path.ts';
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
  | { readonly kind: 'list'; readonly root: string; readonly base: string; readonly members: readonly string[] }
  /** `hsi put`. */
  | { readonly kind: 'put'; readonly root: string; readonly file: string }
  | { readonly kind: 'impossible'; readonly why: string };

/**
 * The command for an archive whose files lie below one of the roots: HPSSPy's own where it stores exactly these files, and one with a list of
 * them where its own would store others too.
 */
export function archiveCommand({ name, files }: MissingArchive, roots: readonly string[]): ArchiveCommand {
  const first = files[0];
  if (first === undefined) return { kind: 'impossible', why: 'it has no files' };
  const root = roots.find((one) => isThere(joinPath(one, first)));
  if (root === undefined) return { kind: 'impossible', why: `there is no '${joinPath(roots[0] ?? '', first)}'` };
  if (!name.endsWith('.tar')) {
    if (files.length === 1) return { kind: 'put', root, file: first };
    return { kind: 'impossible', why: `it is not a .tar and can hold one file only, not ${files.length}` };
  }
  const { base, directories, by } = directoryOfArchive(name, files);
  if (by === 'name' || by === 'placeholders') {
    const places = directories.map((directory) => joinPath(root, directory));
    if (holdExactly(places, files.length)) {
      return { kind: 'directories', root, base, directories: directories.map((one) => below(base, one)) };
    }
  }
  return { kind: 'list', root, base, members: files.map((file) => below(base, file)) };
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

/** True if there is nothing in the directories but so many entries that are no directories. */
function holdExactly(directories: readonly string[], files: number): boolean {
  const open = [...directories];
  let found = 0;
  try {
    for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
      const entries = readdirSync(fsPath(directory), { withFileTypes: true });
      for (const entry of entries) {
        if (entry.isDirectory()) open.push(`${directory}/${entry.name}`);
        else found += 1;
      }
      if (found > files) return false;
    }
  } catch {
    return false;
  }
  return found === files;
}
