import { commonDirectory, parentOf } from '../model/relative-path.ts';
import { isTarName } from './archive-row.ts';
import type { ArchivePlan } from './plan-archive.ts';

/** The directory that an archive's members have in common; it carries the directories from there down. */
export function rootOf(plan: Pick<ArchivePlan, 'entries' | 'carried' | 'held' | 'decision'>): string {
  const kept =
    plan.decision === 'make' ? plan.carried : (plan.held?.members.filter((one) => one.type !== 'directory') ?? []);
  return commonDirectory([...plan.entries, ...kept].map((one) => one.path));
}

/**
 * Which archive an empty directory goes with: the tar with the deepest root that encloses it, the first by name of several.
 * A directory that no root encloses is not in the answer.
 */
export function homesOfEmptyDirectories(
  directories: readonly string[],
  plans: readonly ArchivePlan[],
): ReadonlyMap<string, ArchivePlan> {
  if (directories.length === 0) return new Map();
  const byRoot = new Map<string, ArchivePlan>();
  for (const plan of plans) {
    if (!isTarName(plan.name) || plan.entries.length + plan.carried.length === 0) continue;
    const root = rootOf(plan);
    const other = byRoot.get(root);
    if (other === undefined || plan.name < other.name) byRoot.set(root, plan);
  }
  const homes = new Map<string, ArchivePlan>();
  for (const directory of directories) {
    for (let root = directory; ; root = parentOf(root)) {
      const home = byRoot.get(root);
      if (home !== undefined) homes.set(directory, home);
      if (home !== undefined || root === '') break;
    }
  }
  return homes;
}
