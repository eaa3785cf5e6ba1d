import { mkdtemp, rm } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';

/** A fresh folder among the temporary files of the system, for what nobody needs after us; what a killed process leaves there, the system removes. */
export async function temporaryFolder(
  above: string,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  try {
    const path = await mkdtemp(`${above}/stowage-`);
    return { path, remove: () => rm(fsPath(path), { recursive: true, force: true }) };
  } catch (error) {
    throw fileError(`cannot make a folder in '${displayName(above)}'`, error, 'name another place with TMPDIR=DIR');
  }
}
