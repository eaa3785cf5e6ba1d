import { lstatSync } from 'node:fs';
import type { FileOperations } from '../../durable/file-operations.ts';
import { fsPath } from '../../model/byte-name.ts';
import { joinPath, parentOf } from '../../model/relative-path.ts';
import { diskSections } from '../../rules/disk-substitution.ts';
import type { Project } from '../project.ts';
import { type Landing, landing } from './landing.ts';

/** Where the files of a section were: below `root`, or on a physical disk that is not hung into it. */
export interface OriginalPlaces {
  readonly roots: readonly string[];
  /** For each path the landing below the root that has most of the way to it. */
  landing(files: FileOperations): (path: string) => Landing;
}

/** The roots of a section; the one under `root` comes first and wins where several would do. */
export function originalPlaces(project: Project, section: string): OriginalPlaces {
  const { root, physicalDisks } = project.configuration;
  const disks = diskSections(root, physicalDisks, section).map((one) => one.sectionRoot);
  const roots = [...new Set([joinPath(root, section), ...disks])];
  return {
    roots,
    landing(files) {
      const landings = new Map(roots.map((one) => [one, landing(one, files, disks)]));
      return (path) => landings.get(roots.length === 1 ? roots[0]! : nearest(roots, path))!;
    },
  };
}

function nearest(roots: readonly string[], path: string): string {
  for (let above = parentOf(path); ; above = parentOf(above)) {
    const found = roots.find(
      (root) => lstatSync(fsPath(joinPath(root, above)), { throwIfNoEntry: false }) !== undefined,
    );
    if (found !== undefined) return found;
    if (above === '') return roots[0]!;
  }
}
