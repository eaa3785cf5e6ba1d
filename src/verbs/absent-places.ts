import { readdir, stat } from 'node:fs/promises';
import { plainReason } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import { baseOf, joinPath, parentOf } from '../model/relative-path.ts';
import type { Configuration } from '../rules/configuration.ts';
import { diskSections } from '../rules/disk-substitution.ts';
import type { TextPosition } from '../rules/json-tree.ts';
import { type Problem, problemList } from '../rules/problem.ts';
import { type Section, settingsKey } from '../rules/section.ts';
import { nearestWord } from '../rules/suggestion.ts';

/**
 * What a configuration speaks of and the disks do not have: the root, a disk, a section. Warnings, for the file may be checked where nothing
 * is mounted. What lies on something that is not there is not told as well.
 */
export async function absentPlaces(
  { root, physicalDisks, positions }: Configuration,
  sections: readonly Section[],
): Promise<readonly Problem[]> {
  const list = problemList();
  const tell = (at: TextPosition, keys: readonly string[], what: string, reason: string, suggestion: string) =>
    list.warning(at, keys, `${what}: ${reason}`, suggestion);
  const rootIs = await directoryAt(root);
  if (rootIs !== undefined) {
    tell(
      positions.root,
      [settingsKey, 'root'],
      `cannot look at the root '${displayName(root)}'`,
      rootIs,
      'mount it, or correct root',
    );
  }
  const absentDisks = new Set<string>();
  for (const { disk } of physicalDisks.length === 0 ? [] : diskSections(root, physicalDisks, 'x')) {
    if (disk === root) continue;
    const reason = await directoryAt(disk);
    if (reason === undefined) continue;
    absentDisks.add(disk);
    const keys = [settingsKey, 'physical_disks'];
    tell(
      positions.physicalDisks,
      keys,
      `cannot look at the disk '${displayName(disk)}'`,
      reason,
      'mount it, or correct physical_disks',
    );
  }
  for (const section of sections) {
    const places = [
      ...(rootIs === undefined ? [joinPath(root, section.name)] : []),
      ...diskSections(root, physicalDisks, section.name)
        .filter(({ disk }) => disk !== root && !absentDisks.has(disk))
        .map(({ sectionRoot }) => sectionRoot),
    ];
    const reasons = await Promise.all(places.map(directoryAt));
    // A disk that is not there may have it.
    if (reasons.includes(undefined) || places.length === 0 || absentDisks.size > 0) continue;
    const near = nearestWord(baseOf(section.name), await directoriesIn(joinPath(root, parentOf(section.name))));
    const meant = near === undefined ? undefined : joinPath(parentOf(section.name), near);
    list.warning(
      section,
      [section.name],
      `the section is not on disk: no directory ${places.map((one) => `'${displayName(one)}'`).join(', ')}`,
      meant === undefined ? 'a section is a directory below root' : `did you mean '${displayName(meant)}'?`,
    );
  }
  return list.problems;
}

/** Undefined if there is a directory; else why not. */
async function directoryAt(path: string): Promise<string | undefined> {
  try {
    return (await stat(fsPath(path))).isDirectory() ? undefined : 'it is not a directory';
  } catch (error) {
    return plainReason(error);
  }
}

/** For a suggestion only: none if they cannot be read. */
async function directoriesIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(fsPath(path), { withFileTypes: true, encoding: 'buffer' });
    return entries.filter((entry) => !entry.isFile()).map((entry) => nameFromBytes(entry.name));
  } catch {
    return [];
  }
}
