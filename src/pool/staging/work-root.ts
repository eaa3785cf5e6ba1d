import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { removeTree } from '../../durable/remove-tree.ts';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { joinPath } from '../../model/relative-path.ts';

/** Where the files of a day are until all of a peer's have come; on the file system of the staging directory, so that they can be renamed into it. */
export interface WorkRoot {
  /** The folder of a peer. */
  of(peer: string): string;
  /** Removes what is empty. */
  tidy(): Promise<void>;
}

const rootName = '.stowage-stage';

/** The place for work, which must be ours alone; what stopped runs left for other days is removed. */
export async function workRoot(files: FileOperations, stagingDir: string, day: string): Promise<WorkRoot> {
  const root = `${stagingDir}/${rootName}`;
  const today = `${root}/${day.replaceAll('/', '-')}`;
  await makeFolder(files, stagingDir === '' ? '/' : stagingDir);
  for (const folder of [root, today]) {
    if ((await files.lstat(folder)) === undefined) await makeFolder(files, folder);
    await requireOurs(files, folder);
  }
  await files.setAttributes(root, { mode: 0o700 });
  try {
    for (const child of await readdir(fsPath(root), 'buffer')) {
      const path = joinPath(root, nameFromBytes(child));
      if (path !== today) await removeTree(files, path);
    }
  } catch (error) {
    throw fileError(`cannot clear '${displayName(root)}'`, error);
  }
  return {
    of: (peer) => `${today}/${peer}`,
    async tidy() {
      for (const folder of [today, root]) {
        await files.rmdir(folder).catch((error: unknown) => {
          if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
        });
      }
    },
  };
}

/** Removes from a work folder what a stopped run left there and nobody wants any more. */
export async function sweep(files: FileOperations, folder: string, wanted: ReadonlySet<string>): Promise<void> {
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(fsPath(joinPath(folder, path)), { withFileTypes: true, encoding: 'buffer' })) {
      const child = joinPath(path, nameFromBytes(entry.name));
      if (entry.isDirectory()) {
        await walk(child);
        if (!wanted.has(child)) await files.rmdir(joinPath(folder, child)).catch(unlessFull);
      } else if (!wanted.has(child)) await files.unlink(joinPath(folder, child));
    }
  };
  try {
    await walk('');
  } catch (error) {
    throw fileError(`cannot clear '${displayName(folder)}'`, error);
  }
}

/** A folder that holds something wanted, and was there before. */
function unlessFull(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
}

/** A folder that others can write, or a link to one, could lead what we write as root anywhere. */
async function requireOurs(files: FileOperations, path: string): Promise<void> {
  const found = await files.lstat(path);
  const uid = process.geteuid?.();
  if (found?.isDirectory() && (uid === undefined || found.uid === BigInt(uid))) return;
  throw new StowageError('refused', `'${displayName(path)}' is not a folder of ours`, {
    hint: `rm -r '${displayName(path)}'`,
  });
}
