import { lstat, realpath, stat } from 'node:fs/promises';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';

/** Where one disk should have its part of a section. */
export interface DiskSection {
  /** The disk itself: if it is not there, it may not be mounted. */
  readonly disk: string;
  /** The section on it: an absolute local path. */
  readonly sectionRoot: string;
}

/**
 * The section's roots that really hold files: a disk whose section is a link to another disk's is that other disk, and a disk
 * that is there may have no part of the section. Throws `unavailable` if a disk is not there, if links lead in a circle, or if no disk has the section.
 */
export async function diskRoots(candidates: readonly DiskSection[]): Promise<readonly string[]> {
  const present: { sectionRoot: string; isLink: boolean; real: string }[] = [];
  const circling: string[] = [];
  for (const { disk, sectionRoot } of candidates) {
    const isLink = await isLinkAt(sectionRoot);
    if (isLink === undefined) {
      await requireDisk(disk);
      continue;
    }
    const real = await realOf(sectionRoot);
    if (real === undefined) circling.push(sectionRoot);
    else present.push({ sectionRoot, isLink, real });
  }
  if (circling.length > 0) throw circle(circling);
  const roots = present.filter(
    (one) => !(one.isLink && present.some((other) => other !== one && !other.isLink && other.real === one.real)),
  );
  // Two links to one place that is no disk of its own are one root.
  const kept = roots.filter((one, index) => roots.findIndex((other) => other.real === one.real) === index);
  if (kept.length > 0) return kept.map((one) => one.sectionRoot);
  const places = candidates.map((one) => `'${displayName(one.sectionRoot)}'`).join(', ');
  throw new StowageError('unavailable', `the section is not there: no directory ${places}`, {
    hint: 'check the name of the section, and root and physical_disks in the configuration',
  });
}

/** Undefined if there is nothing. */
async function isLinkAt(path: string): Promise<boolean | undefined> {
  try {
    return (await lstat(fsPath(path))).isSymbolicLink();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fileError(`cannot look at '${displayName(path)}'`, error);
  }
}

function circle(places: readonly string[]): StowageError {
  const names = places.map((one) => `'${displayName(one)}'`).join(', ');
  return new StowageError('unavailable', `links lead in a circle, so nothing can be found there: ${names}`, {
    hint: 'replace one of them by the directory that it should lead to',
  });
}

/** Undefined for a link that leads in a circle. */
async function realOf(path: string): Promise<string | undefined> {
  try {
    return nameFromBytes(await realpath(fsPath(path), { encoding: 'buffer' }));
  } catch (error) {
    if (systemCode(error) === 'ELOOP') return undefined;
    throw fileError(`cannot follow the link '${displayName(path)}'`, error, 'see where it leads with: readlink -f');
  }
}

async function requireDisk(disk: string): Promise<void> {
  try {
    if ((await stat(fsPath(disk))).isDirectory()) return;
  } catch (error) {
    throw fileError(
      `cannot look at the disk '${displayName(disk)}'`,
      error,
      'mount it, or correct root or physical_disks in the configuration',
    );
  }
  throw new StowageError('unavailable', `the disk '${displayName(disk)}' is not a directory`, {
    hint: 'correct root or physical_disks in the configuration',
  });
}
