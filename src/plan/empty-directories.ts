import { commonDirectory, parentOf } from '../model/relative-path.ts';
import { isTarName } from './archive-row.ts';
import type { ArchivePlan } from './plan-archive.ts';

/** The directory that an archive's members have in common; it carries the directories from there down. Undefined for a plain object, and without members. */
export function rootOf(
  plan: Pick<ArchivePlan, 'name' | 'entries' | 'carried' | 'held' | 'decision'>,
): string | undefined {
  if (!isTarName(plan.name) || plan.entries.length + plan.carried.length === 0) return undefined;
  const kept =
    plan.decision === 'make' ? plan.carried : (plan.held?.members.filter((one) => one.type !== 'directory') ?? []);
  return commonDirectory([...plan.entries, ...kept].map((one) => one.path));
}

/**
 * Which archive an empty directory goes with: the one with the deepest root that encloses it, the first by name of several.
 * A directory that no root encloses is not in the answer.
 */
export function homesOfEmptyDirectories<Rooted extends { readonly name: string; readonly root?: string | undefined }>(
  directories: readonly string[],
  archives: Iterable<Rooted>,
): ReadonlyMap<string, Rooted> {
  if (directories.length === 0) return new Map();
  const byRoot = new Map<string, Rooted>();
  for (const archive of archives) {
    if (archive.root === undefined) continue;
    const other = byRoot.get(archive.root);
    if (other === undefined || archive.name < other.name) byRoot.set(archive.root, archive);
  }
  const homes = new Map<string, Rooted>();
  for (const directory of directories) {
    for (let root = directory; ; root = parentOf(root)) {
      const home = byRoot.get(root);
      if (home !== undefined) homes.set(directory, home);
      if (home !== undefined || root === '') break;
    }
  }
  return homes;
}
