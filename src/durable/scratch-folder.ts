import { readdir } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { FileOperations } from './file-operations.ts';
import { isLeftBehind, ownName } from './own-name.ts';
import { removeTree } from './remove-tree.ts';

/** A folder for what need not outlive this process, with a name that nobody else has. */
export interface ScratchFolder {
  readonly path: string;
  /** Removes it with all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/** What the folders begin with in which `doctor` tries things. */
export const doctorFolder = '.stowage-doctor-';

/** What the folders begin with in which commands put aside what does not fit into memory. */
export const workFolder = 'work-';

/**
 * Makes a scratch folder in an existing folder, and first removes those of processes that were killed. Its name says whose it is, so that
 * it is recognized at whatever moment that was; `beginning` is what all of one kind begin with.
 */
export async function scratchFolder(files: FileOperations, parent: string, beginning: string): Promise<ScratchFolder> {
  await removeLeftovers(files, parent, beginning);
  const path = `${parent}/${ownName(beginning)}`;
  try {
    await files.mkdir(path, 0o700);
  } catch (error) {
    throw fileError(`cannot make a folder in '${displayName(parent)}'`, error);
  }
  return { path, remove: () => removeTree(files, path) };
}

async function removeLeftovers(files: FileOperations, parent: string, beginning: string): Promise<void> {
  const children = await readdir(fsPath(parent)).catch((error: unknown) => {
    throw fileError(`cannot list '${displayName(parent)}'`, error);
  });
  for (const child of children) {
    if (isLeftBehind(child, beginning)) await removeTree(files, `${parent}/${child}`);
  }
}
