import type { FileOperations } from '../durable/file-operations.ts';
import { fileError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';

/** The empty files by which machines tell one another what is done; their names are Cedar Backup's. */
export const indicators = {
  /** In a peer's collect directory: it may be staged. */
  collect: 'cback.collect',
  /** In a peer's collect directory: it was staged. In a day: peers were staged. */
  stage: 'cback.stage',
  /** In a peer's collect directory, and Stowage's alone: what it gave is stored. It has content: docs/formats/receipt.md. */
  stored: 'cback.stored',
  /** In a day: it was stored. */
  store: 'cback.store',
  /** In a day: it was copied to S3. */
  amazons3: 'cback.amazons3',
  /** In a day: its files were encrypted. */
  encrypt: 'cback.encrypt',
  /** In a day: its large files were split. */
  split: 'cback.split',
} as const;

/** True if the name of a file is one that extensions leave alone. */
export function isIndicator(name: string): boolean {
  return /^cback\../s.test(name);
}

/**
 * Writes an indicator, durably, and gives it away where an owner is named. One that is there gets the time of now; whatever else has its name is
 * replaced. It has no content that could be half, so that it needs no temporary name, which a killed run would leave among what is backed up; where it
 * does have content, that must say itself where it ends.
 */
export async function writeIndicator(
  files: FileOperations,
  folder: string,
  name: string,
  owner?: { readonly uid: number; readonly gid: number },
  mode?: number,
  content?: Uint8Array,
): Promise<void> {
  const path = `${folder}/${name}`;
  try {
    await files.unlink(path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    const file = await files.open(path, 'wx');
    try {
      if (content !== undefined) await file.write(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (owner !== undefined || mode !== undefined) {
      await files.setAttributes(path, {
        ...(owner === undefined ? {} : { owner }),
        ...(mode === undefined ? {} : { mode }),
      });
    }
    await files.syncFolder(folder);
  } catch (error) {
    throw fileError(`cannot write '${displayName(path)}'`, error);
  }
}

/** When an indicator was written, in nanoseconds; undefined if it was seen not to be there. */
export async function indicatorTime(files: FileOperations, folder: string, name: string): Promise<bigint | undefined> {
  try {
    return (await files.lstat(`${folder}/${name}`))?.mtimeNs;
  } catch (error) {
    throw fileError(`cannot look at '${displayName(`${folder}/${name}`)}'`, error);
  }
}

/** Removes an indicator, durably; false if it is not there. */
export async function removeIndicator(files: FileOperations, folder: string, name: string): Promise<boolean> {
  const path = `${folder}/${name}`;
  try {
    if ((await files.lstat(path)) === undefined) return false;
    await files.unlink(path);
    await files.syncFolder(folder);
    return true;
  } catch (error) {
    throw fileError(`cannot remove '${displayName(path)}'`, error);
  }
}

/** True if what was collected last is known to be staged: the peer's indicator of it is newer. */
export async function isStaged(files: FileOperations, collectDir: string): Promise<boolean> {
  const collected = await indicatorTime(files, collectDir, indicators.collect);
  const staged = await indicatorTime(files, collectDir, indicators.stage);
  return collected !== undefined && staged !== undefined && staged > collected;
}
