import { readdir, readFile } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { type Holder, holderState, thisHolder } from '../durable/holder.ts';
import { temporaryName } from '../durable/temporary-name.ts';
import { writeWhole } from '../durable/whole-file.ts';
import { fsPath } from '../model/byte-name.ts';

/** A folder of this process alone, for what it will not need any more when it ends. */
export interface WorkFolder {
  readonly path: string;
  /** Removes it with all that is in it. */
  remove(): Promise<void>;
}

const holderName = 'holder.json';

/** A new folder below `parent`. Removes those of processes that were killed on this machine; what lives, or is of another one, stays. */
export async function workFolder(files: FileOperations, parent: string): Promise<WorkFolder> {
  await makeFolder(files, parent);
  for (const name of await readdir(fsPath(parent))) {
    const left = `${parent}/${name}`;
    if (await isDead(left)) await removeFolder(files, left);
  }
  const path = temporaryName(`${parent}/work`);
  await makeFolder(files, path);
  await writeWhole(files, `${path}/${holderName}`, JSON.stringify(thisHolder()), { replace: false });
  return { path, remove: () => removeFolder(files, path) };
}

/** In doubt it is not. */
async function isDead(path: string): Promise<boolean> {
  try {
    return holderState(JSON.parse(await readFile(fsPath(`${path}/${holderName}`), 'utf8')) as Holder) === 'dead';
  } catch {
    return false; // no work folder, or one that is just being made or removed
  }
}

/** Another process may remove the same one at the same time. The holder goes last: what is left without it nobody would remove. */
async function removeFolder(files: FileOperations, path: string): Promise<void> {
  try {
    const names = await readdir(fsPath(path));
    for (const name of [...names.filter((one) => one !== holderName), holderName])
      await files.unlink(`${path}/${name}`);
    await files.rmdir(path);
  } catch {
    // It costs only space, and the next process tries again.
  }
}
