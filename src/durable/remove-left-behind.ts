import type { FileOperations } from './file-operations.ts';
import { namesIfThere } from './names-if-there.ts';
import { isLeftBehind } from './own-name.ts';

/** Removes the files in a folder whose names `ownName` gave with this beginning, in processes that are gone. What cannot be removed, or goes meanwhile, stays without a word: it harms nobody. */
export async function removeLeftBehind(files: FileOperations, folder: string, beginning: string): Promise<void> {
  for (const name of await namesIfThere(folder)) {
    if (isLeftBehind(name, beginning)) await files.unlink(`${folder}/${name}`).catch(() => undefined);
  }
}
