import { createHash } from 'node:crypto';
import { nameToBytes } from '../../model/byte-name.ts';

/**
 * The name of an archive without its ending, for the path that is collected, as Cedar Backup makes it: `/var/lib/x y` becomes `var-lib-x_y`.
 * Several paths may have the same.
 */
export function archiveStem(path: string): string {
  const plain = path.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
  if (plain === '/') return '_';
  return plain.replace(/^\//, '').replace(/^\./, '_').replace(/[/\\]/g, '-').replace(/[\s:]/g, '_');
}

/** Gives out names of archives so that no two paths get the same one. */
export interface ArchiveNames {
  /** The name for this path, always the same. */
  nameFor(path: string): string;
}

/**
 * Names for what a configuration collects: the first of several paths with one name has it plainly, and any other gets a part that depends on
 * nothing but itself. `configured` are in their order; subdirectories that get archives of their own come later and give way.
 */
export function archiveNames(configured: readonly string[]): ArchiveNames {
  const pathOf = new Map<string, string>();
  const nameOf = new Map<string, string>();
  const give = (path: string): string => {
    const known = nameOf.get(path);
    if (known !== undefined) return known;
    const stem = archiveStem(path);
    const name = pathOf.has(stem) ? `${stem}.${digest(path)}` : stem;
    pathOf.set(name, path);
    nameOf.set(path, name);
    return name;
  };
  for (const path of configured) give(path);
  return { nameFor: give };
}

function digest(path: string): string {
  return createHash('sha256').update(nameToBytes(path)).digest('hex').slice(0, 8);
}
