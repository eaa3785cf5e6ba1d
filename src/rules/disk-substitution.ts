import { baseOf } from '../model/relative-path.ts';

/** Where a section lies on one disk. */
export interface DiskSection {
  /** The place of `root` on that disk. */
  readonly disk: string;
  readonly sectionRoot: string;
}

/**
 * Where a section lies on each physical disk, in the order of the list and each place once. A name stands in for the last
 * part of `root`; below an absolute path only the last part of the section's name is looked for, as in HPSSPy.
 */
export function diskSections(root: string, physicalDisks: readonly string[], section: string): readonly DiskSection[] {
  const top = withoutTrailingSlashes(root);
  const above = top.slice(0, top.lastIndexOf('/'));
  const found = new Map<string, DiskSection>();
  for (const entry of physicalDisks.length === 0 ? [baseOf(top)] : physicalDisks) {
    const absolute = entry.startsWith('/');
    const disk = withoutTrailingSlashes(absolute ? entry : `${above}/${entry}`);
    const sectionRoot = `${disk}/${absolute ? baseOf(section) : section}`;
    if (!found.has(sectionRoot)) found.set(sectionRoot, { disk: disk === '' ? '/' : disk, sectionRoot });
  }
  return [...found.values()];
}

function withoutTrailingSlashes(path: string): string {
  return path.replace(/\/+$/, '');
}
