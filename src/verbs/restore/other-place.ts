import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FileOperations } from '../../durable/file-operations.ts';
import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { type Landing, landing } from './landing.ts';

/**
 * Where everything lands that is restored below another folder. Throws `unavailable`, once instead of for each member, if that is no
 * folder and cannot be made; makes nothing yet.
 */
export async function otherPlace(files: FileOperations, folder: string): Promise<(path: string) => Landing> {
  const to = resolve(folder);
  try {
    if ((await files.lstat(to)) !== undefined) await requireFolder(files, to);
    else {
      let above = dirname(to);
      while ((await files.lstat(above)) === undefined) above = dirname(above);
      await requireFolder(files, above);
      await access(fsPath(above), constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    const reason = isStowageError(error) ? error.message : plainReason(error);
    throw new StowageError('unavailable', `cannot restore to '${displayName(to)}': ${reason}`, {
      hint: 'give --to a folder that you may write to; it is made if it is not there',
      cause: error,
    });
  }
  const one = landing(to, files);
  return () => one;
}

async function requireFolder(files: FileOperations, path: string): Promise<void> {
  // With the dot, lstat looks at what a link points to.
  const found = await files.lstat(`${path}/.`);
  if (found === undefined) throw new StowageError('unavailable', `'${displayName(path)}' is a link that leads nowhere`);
}
