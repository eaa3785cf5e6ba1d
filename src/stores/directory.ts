import { open } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder, settleFolder } from '../durable/folder.ts';
import { realFiles } from '../durable/real-files.ts';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { percentEncode } from '../model/percent.ts';
import { parentOf } from '../model/relative-path.ts';
import type { StoreKey } from '../model/store-key.ts';
import { tarIndex } from '../pack/tar-index.ts';
import type { Store, StoredObject, Written } from '../store/store.ts';
import { refuseLinkedFolders, walkObjects } from './directory-listing.ts';
import { publishInDirectory } from './directory-publish.ts';
import { readFileRange } from './read-file-range.ts';
import { objectOf, requireRoot, statOf } from './seen-object.ts';
import { sharedSync } from './shared-sync.ts';
import { keyOfToken, newToken, waitingFolder, waitingTokens } from './waiting-files.ts';
import { writeNewFile } from './write-new-file.ts';

/**
 * A store that is a plain directory: the object `SECTION/NAME` is the file `ROOT/SECTION/NAME`. What is written and not yet
 * published waits in `ROOT/.stowage/tmp`. The version is size, time and inode of the file. It keeps no digests.
 * Folders in it that are links are not followed: that is an error, because what lies behind would be left out in silence.
 */
export function directoryStore(root: string, files: FileOperations = realFiles): Store {
  const location = `dir:${percentEncode(root, '/-_.~')}`;
  const objectPath = (key: string) => `${root}/${key}`;
  const waitingPath = (token: string) => `${root}/${waitingFolder}/${token}`;

  const seen = async (key: StoreKey): Promise<StoredObject | undefined> => {
    const stats = await statOf(objectPath(key), `cannot look at '${displayName(key)}' in ${location}`);
    if (stats === undefined) {
      await requireRoot(root, location);
      await refuseLinkedFolders(files, root, parentOf(key), location);
    }
    return stats === undefined || !stats.isFile() ? undefined : objectOf(key, stats);
  };

  const settled = new Set<string>();
  const settle = async (key: StoreKey): Promise<void> => {
    const folder = parentOf(key);
    if (folder === '' || settled.has(folder)) return;
    await settleFolder(files, objectPath(folder), objectPath(folder.split('/', 1)[0]!));
    settled.add(folder);
  };
  /** Only a long key has folders of its own there; one that stays is empty and harms nobody. */
  const leaveWaitingFolders = async (token: string): Promise<void> => {
    for (let folder = parentOf(token); folder !== ''; folder = parentOf(folder))
      await files.rmdir(waitingPath(folder)).catch(() => undefined);
  };

  const syncWaiting = sharedSync(files);
  const places = { location, objectPath, waitingPath, settle, leaveWaitingFolders, seen };

  return {
    location,
    async stat(key, options) {
      options?.signal?.throwIfAborted();
      return seen(key);
    },
    async *list(prefix, options) {
      await requireRoot(root, location);
      // Only the folder that the prefix names need be walked; the rest of the prefix is compared.
      const folder = parentOf(prefix);
      await refuseLinkedFolders(files, root, folder, location);
      yield* walkObjects(root, folder, prefix, location, options?.signal);
    },
    async get(key, options) {
      const object = await seen(key);
      if (object === undefined)
        throw new StowageError('missing', `there is no object '${displayName(key)}' in ${location}`);
      const range = options?.range ?? { start: 0, end: object.bytes };
      return readFileRange(objectPath(key), range, options?.signal);
    },
    async *index(key, options) {
      const object = await seen(key);
      if (object === undefined)
        throw new StowageError('missing', `there is no object '${displayName(key)}' in ${location}`);
      const file = await open(fsPath(objectPath(key)), 'r').catch((error: unknown) => {
        throw fileError(`cannot read '${displayName(key)}' in ${location}`, error);
      });
      try {
        const read = async (start: number, end: number) => {
          options?.signal?.throwIfAborted();
          const buffer = Buffer.allocUnsafe(end - start);
          const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
          return buffer.subarray(0, bytesRead);
        };
        yield* tarIndex(read, object.bytes);
      } finally {
        await file.close();
      }
    },
    async write(key, bytes, options) {
      await requireRoot(root, location);
      const token = newToken(key);
      const path = waitingPath(token);
      await makeFolder(files, parentOf(path));
      try {
        const stats = await writeNewFile(files, path, bytes, options?.signal);
        await syncWaiting(parentOf(path));
        return { key, object: objectOf(key, stats), token };
      } catch (error) {
        // The first error is the one that matters; what cannot be removed is debris for the next run.
        await files.unlink(path).catch(() => undefined);
        await leaveWaitingFolders(token);
        throw systemCode(error) !== undefined
          ? fileError(`cannot write '${displayName(key)}' to ${location}`, error)
          : error;
      }
    },
    publish: (written, options) => publishInDirectory(files, places, written, options?.replaces),
    async discard(written) {
      await files.unlink(waitingPath(written.token)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove a leftover in ${location}`, error);
      });
      await leaveWaitingFolders(written.token);
    },
    async *debris() {
      await requireRoot(root, location);
      for (const token of await waitingTokens(`${root}/${waitingFolder}`)) {
        const key = keyOfToken(token);
        const stats =
          key === undefined
            ? undefined
            : await files.lstat(waitingPath(token)).catch((error: unknown) => {
                throw fileError(`cannot look at a leftover in ${location}`, error);
              });
        if (key !== undefined && stats?.isFile()) yield { key, object: objectOf(key, stats), token } satisfies Written;
      }
    },
  };
}
