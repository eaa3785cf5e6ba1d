import type { FolderSum } from '../../catalog/member-query.ts';
import { compareNames } from '../../model/byte-name.ts';
import { isWithin } from '../../model/relative-path.ts';
import type { DirectoryUsage } from '../events.ts';

/**
 * What lies below a directory and below those in it, down to `depth` levels below it; sorted by path, the directory itself first. Each sum holds all that lies below.
 * Undefined if nothing does.
 */
export async function usageBelow(
  folders: AsyncIterable<FolderSum>,
  directory: string,
  depth: number,
): Promise<readonly DirectoryUsage[] | undefined> {
  const sums = new Map<string, { files: number; bytes: number }>();
  for await (const { folder, files, bytes } of folders) {
    if (!isWithin(folder, directory)) continue;
    for (const path of levels(folder, directory, depth)) {
      const sum = sums.get(path) ?? { files: 0, bytes: 0 };
      sum.files += files;
      sum.bytes += bytes;
      sums.set(path, sum);
    }
  }
  if (sums.size === 0) return undefined;
  return [...sums].sort(([a], [b]) => compareNames(a, b)).map(([path, sum]) => ({ path, ...sum }));
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
