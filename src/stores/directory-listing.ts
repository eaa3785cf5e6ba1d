import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import { storeKey } from '../model/store-key.ts';
import type { StoredObject } from '../store/store.ts';
import { objectOf, statOf } from './seen-object.ts';
import { waitingFolder } from './waiting-files.ts';

/** Listing through a linked folder would show what the listing from above does not, and one that leads nowhere would look empty. */
export async function refuseLinkedFolders(
  files: FileOperations,
  root: string,
  folder: string,
  location: string,
): Promise<void> {
  const parts = folder.split('/');
  for (let count = 1; count <= parts.length && folder !== ''; count += 1) {
    const path = parts.slice(0, count).join('/');
    const what = `cannot look at '${displayName(path)}' in ${location}`;
    const stats = await files.lstat(`${root}/${path}`).catch((error: unknown) => {
      throw fileError(what, error);
    });
    if (stats?.isSymbolicLink())
      throw brokenLink(path, location, (await statOf(`${root}/${path}`, what)) !== undefined);
    if (!stats?.isDirectory()) return;
  }
}

/** Every object below `folder` whose key begins with `prefix`; only folders on the way there are entered. */
export async function* walkObjects(
  root: string,
  folder: string,
  prefix: string,
  location: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredObject> {
  signal?.throwIfAborted();
  for (const child of await childrenOf(folder === '' ? root : `${root}/${folder}`, location)) {
    const name = nameFromBytes(child.name);
    const path = folder === '' ? name : `${folder}/${name}`;
    if (path === waitingFolder) continue;
    if (child.isDirectory()) {
      if (path.startsWith(prefix) || prefix.startsWith(`${path}/`))
        yield* walkObjects(root, path, prefix, location, signal);
      continue;
    }
    if (!path.startsWith(prefix) || !(child.isFile() || child.isSymbolicLink())) continue;
    const stats = await statOf(`${root}/${path}`, `cannot look at '${displayName(path)}' in ${location}`);
    if (stats?.isFile()) yield objectOf(storeKey(path), stats);
    else if (child.isSymbolicLink()) throw brokenLink(path, location, stats !== undefined);
  }
}

function brokenLink(path: string, location: string, leadsSomewhere: boolean): StowageError {
  const what = leadsSomewhere ? 'is a link to something that is not a file' : 'is a link that leads nowhere';
  return new StowageError(
    'unavailable',
    `'${displayName(path)}' in ${location} ${what}, so what it stands for cannot be seen`,
    {
      hint: 'mount what it leads to, or remove the link',
    },
  );
}

async function childrenOf(folder: string, location: string): Promise<readonly Dirent<Buffer>[]> {
  try {
    return await readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot list '${displayName(folder)}' of the store ${location}`, error);
  }
}
