import { readdir } from 'node:fs/promises';
import { fileError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { FileOperations } from './file-operations.ts';

/** Removes a folder with all that is in it; links are removed, not followed. What is not there, or goes while we work, is no error. */
export async function removeTree(files: FileOperations, path: string): Promise<void> {
  try {
    for (const entry of await readdir(fsPath(path), { withFileTypes: true, encoding: 'buffer' })) {
      const child = `${path}/${nameFromBytes(entry.name)}`;
      if (entry.isDirectory()) await removeTree(files, child);
      else await files.unlink(child).catch(ignoreAbsent);
    }
    await files.rmdir(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove '${displayName(path)}'`, error);
  }
}

function ignoreAbsent(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}
