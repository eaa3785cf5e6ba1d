import { closeSync, constants, fchmodSync, fchownSync, futimesSync, openSync, writeSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { systemCode } from '../errors.ts';
import { fsPath } from '../model/byte-name.ts';
import { directFile, hasDirectWriting } from './direct-file.ts';
import type { FileOperations, OpenFile } from './file-operations.ts';
import { writeAll } from './write-all.ts';

/** What fsync of a directory answers where the file system has no such thing; EIO and ENOSPC are never among them. */
const cannotSyncFolders: readonly string[] = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'];

/** What FICLONE answers where files cannot share blocks, or not these two. */
const cannotClone = ['ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'ENOSYS', 'EXDEV', 'EINVAL', 'EPERM', 'EBADF'];

const euid = () => process.geteuid?.();
const egid = () => process.getegid?.();

/** The file operations of this machine. */
export const realFiles: FileOperations = {
  open: async (path, flags, mode) =>
    openFile(await fs.open(fsPath(path), flags, mode), flags === 'wx' ? path : undefined),
  mkdir: async (path, mode) => {
    await fs.mkdir(fsPath(path), mode === undefined ? {} : { mode });
  },
  link: (existing, path) => fs.link(fsPath(existing), fsPath(path)),
  symlink: (target, path) => fs.symlink(fsPath(target), fsPath(path)),
  rename: (from, to) => fs.rename(fsPath(from), fsPath(to)),
  unlink: (path) => fs.unlink(fsPath(path)),
  rmdir: (path) => fs.rmdir(fsPath(path)),
  async setAttributes(path, { owner, mode, mtimeNs }) {
    // The owner first: chown clears the set-user-id bits.
    if (owner !== undefined) await fs.lchown(fsPath(path), owner.uid, owner.gid);
    if (mode !== undefined) await fs.chmod(fsPath(path), mode);
    if (mtimeNs !== undefined) await fs.lutimes(fsPath(path), secondsOf(mtimeNs), secondsOf(mtimeNs));
  },
  async syncFolder(path) {
    await syncsFolder(path);
  },
  createSmall(path, data, { owner, mode, mtimeNs }) {
    const descriptor = openSync(fsPath(path), 'wx', 0o600);
    try {
      for (let written = 0; written < data.byteLength; ) written += writeSync(descriptor, data, written);
      // What we create is ours.
      if (owner !== undefined && (owner.uid !== euid() || owner.gid !== egid()))
        fchownSync(descriptor, owner.uid, owner.gid);
      if (mode !== undefined && mode !== 0o600) fchmodSync(descriptor, mode);
      if (mtimeNs !== undefined) futimesSync(descriptor, secondsOf(mtimeNs), secondsOf(mtimeNs));
    } finally {
      closeSync(descriptor);
    }
  },
  async cloneNew(from, to) {
    try {
      await fs.copyFile(fsPath(from), fsPath(to), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
      return true;
    } catch (error) {
      if (cannotClone.includes(systemCode(error) ?? '')) return false;
      throw error;
    }
  },
  async lstat(path) {
    try {
      return await fs.lstat(fsPath(path), { bigint: true });
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  },
};

/** Makes the names in a folder durable; false if its file system has no such thing. */
export async function syncsFolder(path: string): Promise<boolean> {
  const handle = await fs.open(fsPath(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
    return true;
  } catch (error) {
    if (!cannotSyncFolders.includes(systemCode(error) ?? '')) throw error;
    return false;
  } finally {
    await handle.close();
  }
}

/** libuv before 1.52 sets times in whole microseconds, and cuts off the rest (seen with 1.46 in Node 20 and 1.51 in 22; 1.52 in 24). */
const setsNanoseconds = (() => {
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number);
  return major > 1 || minor >= 52;
})();

/**
 * The time as Node takes it: as text, because Node sets *now* for a number below zero. It becomes a double, which is some 100 ns off. An older libuv cuts it to whole microseconds: there half of one is
 * added to what is left of the time, as a whole one would be cut off where the double is a hair too small.
 */
function secondsOf(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0');
  const digits = setsNanoseconds ? fraction : `${fraction.slice(0, 6)}5`;
  return `${ns < 0n ? '-' : ''}${size / 1_000_000_000n}.${digits}`;
}

/** `created` is the path of a new file. */
function openFile(handle: fs.FileHandle, created: string | undefined): OpenFile {
  // After a failed fsync Linux marks the lost pages as clean, and the next fsync succeeds (LWN 752063). After a failed
  // write nobody knows how much of it is there. So the first failure is the last word of a handle.
  let broken: { readonly error: unknown } | undefined;
  const guarded = async <Result>(step: () => Promise<Result>): Promise<Result> => {
    if (broken !== undefined) throw broken.error;
    try {
      return await step();
    } catch (error) {
      broken ??= { error };
      throw error;
    }
  };
  let end = 0;
  let direct: ReturnType<typeof directFile> | undefined;
  const behind = (data: Uint8Array): number => {
    const position = end;
    end += data.byteLength;
    return position;
  };
  const writeDirect = (data: Uint8Array) =>
    guarded(async () => {
      const position = behind(data);
      direct ??= directFile(created!, handle);
      return (await direct).write(data, position);
    });
  return {
    write: (data) =>
      guarded(() => {
        const position = behind(data);
        // What went past the page cache has not moved the place at which this handle writes.
        return writeAll(handle, data, direct === undefined ? null : position);
      }),
    ...(created !== undefined && hasDirectWriting ? { writeDirect } : {}),
    sync: () => guarded(() => handle.sync()),
    stat: () => handle.stat({ bigint: true }),
    async close() {
      try {
        await (await direct)?.close();
      } finally {
        await handle.close();
      }
    },
  };
}
