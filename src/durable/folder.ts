import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import { joinPath } from '../model/relative-path.ts';
import type { FileOperations } from './file-operations.ts';

/**
 * Makes a folder and those above it that are missing, each durable in the one above. An existing folder, or a link to one, is fine
 * and is not fsynced again. Several processes may make the same folders at once. Anything else in the way is `exists`.
 */
export async function makeFolder(files: FileOperations, path: string): Promise<void> {
  if (await isFolder(files, path)) return;
  const above = dirname(path);
  try {
    try {
      await files.mkdir(path);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' && above !== path) {
        await makeFolder(files, above);
        await madeOrThere(files, path);
      } else if (code !== 'EEXIST' || !(await isFolder(files, path))) throw error;
    }
    // Also where another process was faster: it may not have come to its fsync yet.
    await files.syncFolder(above);
  } catch (error) {
    throw fileError(`cannot make the folder '${displayName(path)}'`, error);
  }
}

/**
 * As `makeFolder`, and sure of what a killed process may have made and not yet fsynced: when this resolves, every name from that of
 * `top` down to `path` is durable. What we may not open for reading we cannot have made.
 */
export async function settleFolder(files: FileOperations, path: string, top: string): Promise<void> {
  await makeFolder(files, path);
  for (let at = path; ; at = dirname(at)) {
    try {
      await files.syncFolder(dirname(at));
    } catch (error) {
      if (systemCode(error) !== 'EACCES') throw fileError(`cannot make the folder '${displayName(at)}' durable`, error);
    }
    if (at === top || at === dirname(at)) return;
  }
}

/** As `makeFolder`, but nothing is fsynced: for folders of what can be made again. */
export async function makeQuickFolder(files: FileOperations, path: string): Promise<void> {
  if (await isFolder(files, path)) return;
  const above = dirname(path);
  if (above !== path) await makeQuickFolder(files, above);
  try {
    await madeOrThere(files, path);
  } catch (error) {
    throw fileError(`cannot make the folder '${displayName(path)}'`, error);
  }
}

/** Removes a folder that holds no others, and what is in it. What somebody else removes meanwhile is fine. */
export async function removeFlatFolder(files: FileOperations, path: string): Promise<void> {
  try {
    for (const name of await readdir(fsPath(path), 'buffer')) {
      await files.unlink(joinPath(path, nameFromBytes(name))).catch(unlessGone);
    }
    await files.rmdir(path).catch(unlessGone);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove '${displayName(path)}'`, error);
  }
}

function unlessGone(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}

async function madeOrThere(files: FileOperations, path: string): Promise<void> {
  try {
    await files.mkdir(path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || !(await isFolder(files, path))) throw error;
  }
}

/** False if nothing is there; throws `exists` if it, or something above it, is no folder. */
async function isFolder(files: FileOperations, path: string): Promise<boolean> {
  let cause: unknown;
  try {
    const found = await files.lstat(path);
    if (found === undefined) return false;
    if (found.isDirectory()) return true;
    // With the dot, lstat looks at what a link points to.
    if (found.isSymbolicLink() && (await files.lstat(`${path}/.`)) !== undefined) return true;
  } catch (error) {
    if (systemCode(error) !== 'ENOTDIR') throw fileError(`cannot look at the folder '${displayName(path)}'`, error);
    cause = error;
  }
  const above = dirname(path);
  if (above !== path) await isFolder(files, above);
  throw new StowageError('exists', `'${displayName(path)}' is in the way: it is not a folder`, { cause });
}
