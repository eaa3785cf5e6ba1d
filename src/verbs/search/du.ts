import type { Event } from '../events.ts';
import { type Project, sectionOf, type VerbOptions } from '../project.ts';
import { sectionMembers } from './find.ts';
import { usageBelow } from './folder-sums.ts';
import { archivedPath, nothingArchived } from './ls.ts';

export interface UsageOptions extends VerbOptions {
  readonly path?: string;
  /** How many levels of directories below the path are told. */
  readonly depth: number;
}

/**
 * How many files and bytes archives hold below a directory and below those in it, sorted by path, the directory itself last. Throws `missing` if nothing is
 * archived there.
 */
export async function* du(project: Project, name: string, options: UsageOptions): AsyncGenerator<Event> {
  const section = sectionOf(project, name).name;
  const path = archivedPath(project, section, options.path);
  const members = await sectionMembers(project, section, options);
  try {
    const usage = await usageBelow(members.folders(), path, options.depth);
    if (usage === undefined) throw await nothingArchived(members, section, path);
    for (const one of [...usage.slice(1), usage[0]!]) yield { kind: 'usage', section, usage: one };
  } finally {
    await members.close();
  }
}
