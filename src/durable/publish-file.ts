import { dirname } from 'node:path';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { FileOperations } from './file-operations.ts';

/** How a name was taken without replacing anything: `link` never shows an empty file, `reserve` does for a moment. */
export type NoReplaceWay = 'link' | 'reserve';

/** What link(2) answers on file systems without hard links (FAT, some FUSE and SMB mounts, or one link at most). */
export const linksRefused: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Gives a finished, fsynced file its name, which must be free (`exists` if not), durably, and removes its temporary name.
 * Asking again after a failure is safe while `temporary` exists. A failure may leave the name: if so, with the whole content.
 * Where links are refused the name is reserved by an empty file and renamed over; killed between the two, the empty file stays.
 */
export async function publishNew(files: FileOperations, temporary: string, path: string): Promise<NoReplaceWay> {
  try {
    const way = await takeName(files, temporary, path);
    // The new name is made durable before the old one goes, so that no crash can leave the file without any.
    await files.syncFolder(dirname(path));
    if (way === 'link') await files.unlink(temporary);
    return way;
  } catch (error) {
    throw fileError(`cannot publish '${displayName(path)}'`, error);
  }
}

/** A file that has its name, and what is left to do for it, in this order: fsync the folder of the name, then remove the temporary name if it still has one. */
export interface NamedFile {
  readonly folder: string;
  /** Undefined if it went with the naming. */
  readonly temporary: string | undefined;
}

/** The first step of `publishNew`, for many files that share one fsync of their folder. What is left to do is with the caller. */
export async function nameNew(files: FileOperations, temporary: string, path: string): Promise<NamedFile> {
  try {
    const way = await takeName(files, temporary, path);
    return { folder: dirname(path), temporary: way === 'link' ? temporary : undefined };
  } catch (error) {
    throw fileError(`cannot publish '${displayName(path)}'`, error);
  }
}

/** The first step of `publishOver`. */
export async function nameOver(files: FileOperations, temporary: string, path: string): Promise<NamedFile> {
  try {
    await files.rename(temporary, path);
    return { folder: dirname(path), temporary: undefined };
  } catch (error) {
    throw fileError(`cannot publish '${displayName(path)}'`, error);
  }
}

/** Gives a finished, fsynced file its name, durably; a file that had the name is replaced in one step. */
export async function publishOver(files: FileOperations, temporary: string, path: string): Promise<void> {
  try {
    await files.rename(temporary, path);
    await files.syncFolder(dirname(path));
  } catch (error) {
    throw fileError(`cannot publish '${displayName(path)}'`, error);
  }
}

async function takeName(files: FileOperations, temporary: string, path: string): Promise<NoReplaceWay> {
  try {
    await files.link(temporary, path);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (linksRefused.includes(code)) return reserveName(files, temporary, path);
    if (code !== 'EEXIST') throw error;
    // A reply lost on NFS, or a run that was killed right here: the name may already be ours.
    if (!(await sameFile(files, temporary, path))) throw await taken(files, path, error);
  }
  return 'link';
}

async function reserveName(files: FileOperations, temporary: string, path: string): Promise<NoReplaceWay> {
  const reserved = await files.open(path, 'wx').catch(async (error) => {
    throw systemCode(error) === 'EEXIST' ? await taken(files, path, error) : error;
  });
  const { ino } = await reserved.stat().finally(() => reserved.close());
  try {
    await files.rename(temporary, path);
  } catch (error) {
    await removeReservation(files, path, ino).catch(() => undefined);
    throw error;
  }
  return 'reserve';
}

async function removeReservation(files: FileOperations, path: string, ino: bigint): Promise<void> {
  const found = await files.lstat(path);
  if (found?.ino === ino && found.size === 0n) await files.unlink(path);
}

async function sameFile(files: FileOperations, one: string, other: string): Promise<boolean> {
  const [a, b] = [await files.lstat(one), await files.lstat(other)];
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function taken(files: FileOperations, path: string, cause: unknown): Promise<StowageError> {
  const found = await files.lstat(path);
  const hint = 'the file is empty: a killed run may have left it; remove it if nothing else needs it';
  return new StowageError('exists', `'${displayName(path)}' already exists`, {
    ...(found?.isFile() && found.size === 0n ? { hint } : {}),
    facts: { path: displayName(path), bytes: found === undefined ? undefined : Number(found.size) },
    cause,
  });
}
