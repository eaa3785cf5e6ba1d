import type { FileOperations } from '../../durable/file-operations.ts';
import { removeTree } from '../../durable/remove-tree.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { joinPath, parentOf } from '../../model/relative-path.ts';
import type { Ownership } from '../peers/peer.ts';
import { keepEarlier } from './keep-earlier.ts';
import type { Received } from './receive-peer.ts';

/**
 * Lets a peer's files from the work folder into its directory, durably. A directory that is not there yet appears in one step, with all of them; in one
 * that is there each file is replaced in one step, and kept under a further name: see keep-earlier.ts, whose names it returns. No link on the way there is followed, and nothing but a file or link is replaced: then this is `exists`.
 * Running it again after a kill ends the same.
 */
export async function letIn(
  files: FileOperations,
  workFolder: string,
  folder: string,
  received: Received,
  owner: Ownership | undefined,
): Promise<ReadonlyMap<string, string>> {
  const attributes = owner === undefined ? {} : { owner };
  try {
    if ((await files.lstat(folder)) === undefined) {
      await setFolders(files, workFolder, received, attributes);
      await files.setAttributes(workFolder, { ...attributes, mode: 0o755 });
      await files.syncFolder(workFolder);
      await files.rename(workFolder, folder);
      await files.syncFolder(parentOf(folder));
      return new Map();
    }
    await requireFolder(files, folder);
    const kept = await keepEarlier(files, folder, received);
    const touched = new Set([folder]);
    const sorted = [...received.fresh].sort((a, b) => a.length - b.length).map((path) => received.members.get(path)!);
    for (const { path } of sorted.filter((one) => one.type === 'directory')) {
      await enter(files, folder, path, touched);
    }
    for (const { path } of sorted.filter((one) => one.type !== 'directory')) {
      await enter(files, folder, parentOf(path), touched);
      const there = await files.lstat(joinPath(folder, path));
      if (there?.isDirectory()) throw inTheWay(joinPath(folder, path), 'a directory');
      await files.rename(joinPath(workFolder, path), joinPath(folder, path));
    }
    for (const one of touched) await files.syncFolder(one);
    await setFolders(files, folder, received, attributes);
    await removeTree(files, workFolder);
    return kept;
  } catch (error) {
    throw fileError(`cannot stage into '${displayName(folder)}'`, error);
  }
}

/** Modes and times of folders, the deepest first: what is done below one changes its time. */
async function setFolders(
  files: FileOperations,
  folder: string,
  { members, fresh }: Received,
  owner: { readonly owner?: Ownership },
): Promise<void> {
  const folders = [...fresh].map((path) => members.get(path)).filter((one): one is Member => one?.type === 'directory');
  folders.sort((a, b) => b.path.length - a.path.length);
  for (const { path, mode, mtimeNs } of folders) {
    await files.setAttributes(joinPath(folder, path), { ...owner, mode, mtimeNs });
  }
}

async function enter(files: FileOperations, folder: string, path: string, touched: Set<string>): Promise<void> {
  const local = joinPath(folder, path);
  if (touched.has(local)) return;
  await enter(files, folder, parentOf(path), touched);
  const found = await files.lstat(local);
  if (found === undefined) await files.mkdir(local, 0o755);
  else await requireFolder(files, local);
  touched.add(local);
}

async function requireFolder(files: FileOperations, path: string): Promise<void> {
  const found = await files.lstat(path);
  if (found?.isDirectory()) return;
  throw inTheWay(path, found?.isSymbolicLink() ? 'a link' : 'a file');
}

function inTheWay(path: string, what: string): StowageError {
  return new StowageError('exists', `there is ${what} at '${displayName(path)}', where the peer has something else`, {
    hint: 'move it aside, and stage again',
  });
}
