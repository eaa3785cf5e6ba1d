import { lstatSync } from 'node:fs';
import { StowageError } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import { diskSections } from '../../rules/disk-substitution.ts';
import { readJson } from '../../rules/json-tree.ts';
import { problemList } from '../../rules/problem.ts';
import { settingsKey } from '../../rules/section.ts';
import { readSettings } from '../../rules/settings-reader.ts';
import { diskRoots } from '../../scan/disk-roots.ts';

/** What `__config__` says of the disks. */
export interface DiskSettings {
  readonly root: string;
  readonly physical_disks?: unknown;
}

/**
 * The directories on the physical disks that hold a section: `releaseRoot` is its place below `root`. A disk whose section is a link to that of
 * another is that other. Where none of them is there, the places where they should be. Throws `configuration`, or `unavailable` for a disk that
 * is not there though others are, and for links that lead in a circle.
 */
export async function physicalDisks(releaseRoot: string, config: DiskSettings): Promise<readonly string[]> {
  const { root, disks } = settingsOf(config);
  if (!releaseRoot.startsWith(`${root}/`)) {
    throw new StowageError('configuration', `'${releaseRoot}' does not lie below the root '${root}'`);
  }
  const candidates = diskSections(root, disks, releaseRoot.slice(root.length + 1));
  const isThere = (path: string) => lstatSync(fsPath(path), { throwIfNoEntry: false }) !== undefined;
  if (!candidates.some((one) => isThere(one.sectionRoot))) return candidates.map((one) => one.sectionRoot);
  return diskRoots(candidates);
}

function settingsOf(config: DiskSettings): { readonly root: string; readonly disks: readonly string[] } {
  const list = problemList();
  const tree = readJson(Buffer.from(JSON.stringify({ [settingsKey]: { store: 'dir:none', ...config } }), 'utf8'));
  const settings = tree.kind === 'object' ? readSettings(tree.members[0]!, list) : undefined;
  const error = list.problems.find(({ severity }) => severity === 'error');
  if (error === undefined && settings !== undefined) return { root: settings.root, disks: settings.physicalDisks };
  const hint = error?.suggestion === undefined ? {} : { hint: error.suggestion };
  throw new StowageError('configuration', error?.message ?? `'${settingsKey}' says nothing of disks`, hint);
}
