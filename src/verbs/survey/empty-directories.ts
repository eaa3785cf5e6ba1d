import { lstatSync } from 'node:fs';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { Manifest } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { homesOfEmptyDirectories } from '../../plan/empty-directories.ts';
import type { Finding } from '../../plan/finding.ts';
import type { HeldObjects } from './held-objects.ts';
import { type PlannedArchive, readHeld } from './planned-archive.ts';
import type { EmptyPlace } from './sorted-section.ts';

/** Empty directories, each with the archive that it goes with. */
export interface HomedDirectories {
  /** Those that go with an archive that is made now, by its key. */
  readonly byArchive: ReadonlyMap<StoreKey, readonly string[]>;
  /** Those that no archive holds, and none that is made now. */
  readonly findings: readonly Finding[];
}

/** Finds a home for every directory that is empty on all disks that have it. */
export async function emptyDirectories(
  section: string,
  places: readonly EmptyPlace[],
  archives: readonly PlannedArchive[],
  { held }: HeldObjects,
  roots: readonly string[],
): Promise<HomedDirectories> {
  const directories = emptyEverywhere(places, roots);
  const homes = homesOfEmptyDirectories(directories, archives);
  const byArchive = new Map<StoreKey, string[]>();
  const kept = new Map<PlannedArchive, string[]>();
  const findings: Finding[] = [];
  for (const path of directories) {
    const home = homes.get(path);
    if (home === undefined) findings.push({ kind: 'empty-directory', path });
    else if (home.decision === 'make') byArchive.set(home.key, [...(byArchive.get(home.key) ?? []), path]);
    else kept.set(home, [...(kept.get(home) ?? []), path]);
  }
  for (const [home, paths] of kept) {
    const manifest: Manifest | undefined = (await readHeld(section, held.get(home.key)?.manifest)).held;
    const there = new Set(manifest?.members.map((member) => member.path));
    for (const path of paths) if (!there.has(path)) findings.push({ kind: 'empty-directory', path, archive: home.key });
  }
  return { byArchive, findings };
}

/** Sorted. A directory may hold nothing on one disk and something on another. */
function emptyEverywhere(places: readonly EmptyPlace[], roots: readonly string[]): readonly string[] {
  const disks = new Map<string, Set<string>>();
  for (const { path, disk } of places) {
    if (path === '') continue;
    const known = disks.get(path);
    if (known === undefined) disks.set(path, new Set([disk]));
    else known.add(disk);
  }
  const isEmpty = ([path, empty]: readonly [string, ReadonlySet<string>]) =>
    roots.every((root) => empty.has(root) || !isDirectory(root, path));
  return [...disks]
    .filter(isEmpty)
    .map(([path]) => path)
    .sort();
}

/** Each name on the way must be a directory itself: on another disk one of them may be a file, or a link to elsewhere. */
function isDirectory(root: string, path: string): boolean {
  let at = root;
  for (const name of path.split('/')) {
    at = joinPath(at, name);
    try {
      if (!lstatSync(fsPath(at), { throwIfNoEntry: false })?.isDirectory()) return false;
    } catch (error) {
      throw fileError(`cannot look at '${displayName(at)}'`, error);
    }
  }
  return true;
}
