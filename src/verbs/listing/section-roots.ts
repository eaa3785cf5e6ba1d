import { diskSections } from '../../rules/disk-substitution.ts';
import { diskRoots } from '../../scan/disk-roots.ts';
import type { Project } from '../project.ts';

/** The section's roots: on each physical disk, and under `root` itself, where files may lie that are on no listed disk. Throws as `diskRoots` does. */
export async function sectionRoots(project: Project, section: string): Promise<readonly string[]> {
  const { root, physicalDisks } = project.configuration;
  const disks = diskSections(root, physicalDisks, section);
  const own = { disk: root, sectionRoot: `${root}/${section}` };
  return diskRoots(disks.some((one) => one.sectionRoot === own.sectionRoot) ? disks : [...disks, own]);
}
