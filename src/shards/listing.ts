import type { Entry, Unseen } from '../model/entry.ts';
import { parentOf } from '../model/relative-path.ts';
import type { ListingRow } from './listing-row.ts';

/** All entries of a section, as one scan found them. */
export interface Listing {
  /** Everything but directories, sorted by path; a path that several disks have is not among them. */
  readonly entries: readonly Entry[];
  /** Directories by path; one that several disks have stands once. */
  readonly directories: ReadonlyMap<string, Entry>;
  /** Directories that hold nothing at all, on no disk. */
  readonly emptyDirectories: readonly string[];
  /** Names that more than one disk has, with what each has there. */
  readonly onSeveralDisks: ReadonlyMap<string, readonly Entry[]>;
  readonly unseen: readonly Unseen[];
}

/** Gathers the rows of a listing, in whatever order they come. */
export function collectListing(rows: Iterable<ListingRow>, roots: readonly string[]): Listing {
  const found = new Map<string, Entry>();
  const directories = new Map<string, Entry>();
  const several = new Map<string, Entry[]>();
  const unseen: Unseen[] = [];
  const parents = new Set<string>();
  for (const one of rows) {
    // Directories that hold nothing on any disk are found from what holds something.
    if (!('type' in one) && one.kind === 'empty') continue;
    if (one.path !== '') parents.add(parentOf(one.path));
    if (!('type' in one)) {
      unseen.push(one);
      // What could not be read may hold anything: it is not empty.
      if (one.directory) parents.add(one.path);
    } else {
      addEntry(one, found, directories, several);
    }
  }
  const rank = ({ disk }: { readonly disk: string }) => roots.indexOf(disk);
  for (const all of several.values()) all.sort((a, b) => rank(a) - rank(b));
  for (const path of several.keys()) found.delete(path);
  return {
    entries: [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    directories,
    emptyDirectories: [...directories.keys()].filter((path) => !parents.has(path)).sort(),
    onSeveralDisks: several,
    unseen: unseen.sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1)),
  };
}

function addEntry(
  one: Entry,
  found: Map<string, Entry>,
  directories: Map<string, Entry>,
  several: Map<string, Entry[]>,
): void {
  const isDirectory = one.type === 'directory';
  const earlier = found.get(one.path) ?? (isDirectory ? undefined : directories.get(one.path));
  if (earlier !== undefined) several.set(one.path, [...(several.get(one.path) ?? [earlier]), one]);
  if (!isDirectory) found.set(one.path, one);
  else if (!directories.has(one.path)) directories.set(one.path, one);
}
