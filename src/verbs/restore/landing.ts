import { realpathSync } from 'node:fs';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { joinPath, parentOf, unsafePath } from '../../model/relative-path.ts';

/** Where restored members go, and the proof that they stay there. */
export interface Landing {
  /** The local path of a member, with the folders above it made. Throws `refused` if the way there would leave the target. */
  place(path: string): Promise<string>;
  /** The local path of a directory, made. */
  placeDirectory(path: string): Promise<string>;
  /** True if this landing made the directory. */
  made(path: string): boolean;
}

/**
 * A landing below `target`. Every folder on the way must be a real folder: a link, which an archive may have brought, is never
 * followed — but for `disks`, the section's roots: a link that leads to the same path on one of them is how that disk is hung in.
 */
export function landing(target: string, files: FileOperations, disks: readonly string[] = []): Landing {
  const sure = new Set<string>();
  const made = new Set<string>();

  const enter = async (path: string): Promise<void> => {
    if (sure.has(path)) return;
    if (path === '') {
      await makeFolder(files, target);
    } else {
      await enter(parentOf(path));
      const local = joinPath(target, path);
      const stats = await files.lstat(local);
      if (stats === undefined) {
        await makeFolder(files, local);
        made.add(path);
      } else if (!stats.isDirectory() && !(stats.isSymbolicLink() && isDiskLink(local, path, disks))) {
        throw outside(local, stats.isSymbolicLink() ? 'a link' : 'not a directory');
      }
    }
    sure.add(path);
  };
  const place = async (path: string, isDirectory: boolean): Promise<string> => {
    const problem = path === '' && isDirectory ? undefined : unsafePath(path);
    if (problem !== undefined) throw new StowageError('refused', `'${displayName(path)}' is not restored: ${problem}`);
    await enter(isDirectory ? path : parentOf(path));
    return joinPath(target, path);
  };
  return {
    place: (path) => place(path, false),
    placeDirectory: (path) => place(path, true),
    made: (path) => made.has(path),
  };
}

function isDiskLink(local: string, path: string, disks: readonly string[]): boolean {
  const real = realOf(local);
  return real !== undefined && disks.some((disk) => realOf(joinPath(disk, path)) === real);
}

function realOf(path: string): string | undefined {
  try {
    return nameFromBytes(realpathSync(fsPath(path), 'buffer'));
  } catch {
    return undefined; // leads nowhere: then it is not the way to a disk
  }
}

function outside(local: string, what: string): StowageError {
  return new StowageError('refused', `'${displayName(local)}' is ${what}, so nothing is restored through it`, {
    hint: 'move it aside, or restore to another place with --to DIR',
  });
}
