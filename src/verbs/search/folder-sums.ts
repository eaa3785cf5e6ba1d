import type { DiskSum, FolderSum } from '../../catalog/member-query.ts';
import { compareNames } from '../../model/byte-name.ts';
import { isWithin } from '../../model/relative-path.ts';
import type { ComparedUsage, Counted, DirectoryUsage, DiskUsage } from './search-event.ts';

/**
 * What archives hold below a directory and below those in it, down to `depth` levels below it; sorted by path, the directory itself first. Each sum holds all that lies below.
 * Undefined if nothing does.
 */
export async function usageBelow(
  folders: AsyncIterable<FolderSum>,
  directory: string,
  depth: number,
): Promise<readonly DirectoryUsage[] | undefined> {
  const held = await summed(folders, directory, depth, plus, nothing);
  return held.size === 0 ? undefined : inOrder([...held].map(([path, sum]) => ({ path, ...sum })));
}

/** The same, with what lies on disk. Undefined if there is nothing of either. */
export async function comparedBelow(
  folders: AsyncIterable<FolderSum>,
  disk: AsyncIterable<DiskSum>,
  directory: string,
  depth: number,
): Promise<readonly ComparedUsage[] | undefined> {
  const held = await summed(folders, directory, depth, plus, nothing);
  const there = await summed(disk, directory, depth, plusOnDisk, nothingOnDisk);
  const paths = new Set([...held.keys(), ...there.keys()]);
  if (paths.size === 0) return undefined;
  return inOrder(
    [...paths].map((path) => ({
      path,
      ...(held.get(path) ?? nothing),
      disk: there.get(path) ?? nothingOnDisk,
    })),
  );
}

const nothing: Counted = { files: 0, bytes: 0 };
const nothingOnDisk: DiskUsage = { ...nothing, same: nothing, changed: nothing, notArchived: nothing, unseen: 0 };

function plus(sum: Counted, { files, bytes }: Counted): Counted {
  return { files: sum.files + files, bytes: sum.bytes + bytes };
}

function plusOnDisk(sum: DiskUsage, one: DiskSum): DiskUsage {
  const { files, bytes, sameFiles, sameBytes, changedFiles, changedBytes, unseen } = one;
  return {
    ...plus(sum, one),
    same: plus(sum.same, { files: sameFiles, bytes: sameBytes }),
    changed: plus(sum.changed, { files: changedFiles, bytes: changedBytes }),
    notArchived: plus(sum.notArchived, {
      files: files - sameFiles - changedFiles,
      bytes: bytes - sameBytes - changedBytes,
    }),
    unseen: sum.unseen + unseen,
  };
}

/** What the folders below the directory have, added up for it and for each directory in it down to the depth. */
async function summed<One extends { readonly folder: string }, Sum>(
  folders: AsyncIterable<One>,
  directory: string,
  depth: number,
  add: (sum: Sum, one: One) => Sum,
  none: Sum,
): Promise<ReadonlyMap<string, Sum>> {
  const sums = new Map<string, Sum>();
  for await (const one of folders) {
    if (!isWithin(one.folder, directory)) continue;
    for (const path of levels(one.folder, directory, depth)) sums.set(path, add(sums.get(path) ?? none, one));
  }
  return sums;
}

function inOrder<Usage extends DirectoryUsage>(sums: readonly Usage[]): readonly Usage[] {
  return [...sums].sort((a, b) => compareNames(a.path, b.path));
}

/** The directory itself, and the part of the way to the folder that is not deeper than `depth`. */
function levels(folder: string, directory: string, depth: number): readonly string[] {
  const found = [directory];
  let at = directory === '' ? -1 : directory.length;
  while (found.length <= depth && at < folder.length && folder !== directory) {
    const next = folder.indexOf('/', at + 1);
    at = next < 0 ? folder.length : next;
    found.push(folder.slice(0, at));
  }
  return found;
}
