import { lstatSync } from 'node:fs';
import { fsPath } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import type { Manifest } from '../../model/manifest.ts';
import { commonDirectory, directoriesBetween, isWithin, joinPath, parentOf } from '../../model/relative-path.ts';
import type { PackItem } from '../../pack/pack-item.ts';
import { entryOf } from '../../scan/entry-of.ts';

/** Where the directories of an archive are looked up. */
export interface DirectoryPlaces {
  /** The section's roots on the disks. */
  readonly roots: readonly string[];
  /** The archive that is replaced: it knows the directories that have gone from disk. */
  readonly held?: Manifest;
  readonly emptyDirectories: readonly string[];
}

/**
 * The directories from an archive's root down to its members, and the empty ones that go with it, with mode, owner and times as they are now: on
 * the disk of the first member below, else on the first of the roots that has it, else as the archive that is replaced has it.
 */
export function directoryItems(
  members: readonly { readonly path: string; readonly disk?: string }[],
  places: DirectoryPlaces,
): readonly PackItem[] {
  const root = commonDirectory(members.map((member) => member.path));
  const wanted = new Map<string, string | undefined>();
  const want = (path: string, disk: string | undefined) => {
    for (const directory of directoriesBetween(root, path)) {
      if (wanted.get(directory) === undefined) wanted.set(directory, disk);
    }
  };
  if (root !== '') wanted.set(root, members.find((member) => member.disk !== undefined)?.disk);
  let last: { readonly parent: string; readonly disk: string | undefined } | undefined;
  for (const { path, disk } of members) {
    const parent = parentOf(path);
    if (last !== undefined && parent === last.parent && disk === last.disk) continue;
    want(path, disk);
    last = { parent, disk };
  }
  for (const path of places.emptyDirectories) {
    if (!isWithin(path, root)) continue;
    want(path, undefined);
    wanted.set(path, undefined);
  }
  const old = new Map(
    places.held?.members.flatMap((member) => (member.type === 'directory' ? [[member.path, member]] : [])),
  );
  return [...wanted].flatMap(([path, disk]) => {
    const seen = onDisk(path, disk === undefined ? places.roots : [disk, ...places.roots]) ?? old.get(path);
    if (seen === undefined) return [];
    const { mtimeNs, mode, uid, gid } = seen;
    return [
      { member: { path, type: 'directory', bytes: 0, mtimeNs, mode, uid, gid }, content: { kind: 'none' } } as const,
    ];
  });
}

/** The directory on the first disk that has it. One that cannot be looked at is as good as gone: what is in it has been read. */
function onDisk(path: string, disks: readonly string[]): Entry | undefined {
  for (const disk of disks) {
    try {
      const stats = lstatSync(fsPath(joinPath(disk, path)), { bigint: true, throwIfNoEntry: false });
      if (stats?.isDirectory()) return entryOf(disk, path, stats);
    } catch {
      // The next disk, or the old archive, may know it.
    }
  }
  return undefined;
}
