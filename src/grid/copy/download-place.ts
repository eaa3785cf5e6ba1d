import { dirname } from 'node:path';
import { createAfresh } from '../../durable/create-afresh.ts';
import type { FileOperations, OpenFile } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { ownName } from '../../durable/own-name.ts';
import type { WaitingFile } from '../../durable/publish-together.ts';
import { removeLeftBehind } from '../../durable/remove-left-behind.ts';
import { fileError, type StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { ContentSink } from './read-proven.ts';

/** What the names of files begin with that are on their way here. */
export const arrivingName = '.stowage-arriving-';

/** A place in the folder of a target for what is not proven yet. */
export interface DownloadPlace extends ContentSink {
  /** What has been written, all of it, to be given its name; the place is not ours any more. */
  whole(): Promise<Omit<WaitingFile, 'replace'>>;
  /** Removes what was written; nothing if it was given away. */
  discard(): Promise<void>;
}

/** How many bytes fit into memory while they are not proven, so that a small file is written once and at once. */
export const smallBytes = 1 << 20;

/** So much at a time goes to the medium while the rest is still coming: at the end there is little to wait for. */
const syncEachBytes = 32 << 20;

/** Folders that were made, and freed of what killed runs left there. */
export type ReadyFolders = Map<string, Promise<void>>;

/** Makes the folder of a target, and removes what killed runs left there; once for each folder. */
export async function readyFolder(files: FileOperations, ready: ReadyFolders, path: string): Promise<void> {
  const folder = dirname(path);
  const known = ready.get(folder) ?? makeReady(files, folder);
  ready.set(folder, known);
  try {
    await known;
  } catch (error) {
    ready.delete(folder);
    throw error;
  }
}

async function makeReady(files: FileOperations, folder: string): Promise<void> {
  await makeFolder(files, folder);
  // One that we may write to and not list has nothing of ours that we could remove.
  await removeLeftBehind(files, folder, arrivingName).catch(() => undefined);
}

/** A fresh name beside a target, for what is on its way to it. */
export function arrivingPath(path: string): string {
  const folder = dirname(path);
  return `${folder === '/' ? '' : folder}/${ownName(arrivingName)}`;
}

/** A place for so many bytes, with the permissions that the file shall have: those of new files if none are given. */
export function downloadPlace(
  files: FileOperations,
  path: string,
  bytes: number | undefined,
  mode: number | undefined,
): DownloadPlace {
  const { createSmall } = files;
  const temporary = arrivingPath(path);
  const problem = (error: unknown): StowageError => fileError(`cannot write '${displayName(path)}'`, error);
  return bytes !== undefined && bytes <= smallBytes && createSmall !== undefined
    ? inMemory(createSmall, temporary, path, mode, problem)
    : onDisk(files, temporary, path, mode, problem);
}

function inMemory(
  create: NonNullable<FileOperations['createSmall']>,
  temporary: string,
  path: string,
  mode: number | undefined,
  problem: (error: unknown) => StowageError,
): DownloadPlace {
  const chunks: Buffer[] = [];
  return {
    async begin() {
      chunks.length = 0;
    },
    async write(chunk) {
      chunks.push(chunk);
    },
    async whole() {
      try {
        const one = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        createAfresh(create, temporary, one, { mode: mode ?? 0o666 & ~process.umask() });
      } catch (error) {
        throw problem(error);
      }
      chunks.length = 0;
      return { file: undefined, temporary, path };
    },
    async discard() {
      chunks.length = 0;
    },
  };
}

function onDisk(
  files: FileOperations,
  temporary: string,
  path: string,
  mode: number | undefined,
  problem: (error: unknown) => StowageError,
): DownloadPlace {
  let file: OpenFile | undefined;
  let unsynced = 0;
  let syncing: Promise<void> | undefined;
  // A medium tells of a failure once, to whoever asks first: it must not be forgotten.
  let unsyncable: { readonly error: unknown } | undefined;
  const syncAhead = (open: OpenFile): void => {
    unsynced = 0;
    syncing = open
      .sync()
      .catch((error: unknown) => {
        unsyncable ??= { error };
      })
      .finally(() => {
        syncing = undefined;
      });
  };
  const refuseUnsyncable = (): void => {
    if (unsyncable !== undefined) throw problem(unsyncable.error);
  };
  async function discard(): Promise<void> {
    const open = file;
    file = undefined;
    if (open === undefined) return;
    await syncing;
    await open.close().catch(() => undefined);
    await files.unlink(temporary).catch(() => undefined);
  }
  return {
    async begin() {
      await discard();
      unsynced = 0;
      unsyncable = undefined;
      try {
        file = await files.open(temporary, 'wx', mode);
        // What the umask took away.
        if (mode !== undefined) await files.setAttributes(temporary, { mode });
      } catch (error) {
        throw problem(error);
      }
    },
    async write(chunk) {
      try {
        await file!.write(chunk);
      } catch (error) {
        throw problem(error);
      }
      refuseUnsyncable();
      unsynced += chunk.length;
      if (unsynced >= syncEachBytes && syncing === undefined) syncAhead(file!);
    },
    async whole() {
      await syncing;
      refuseUnsyncable();
      const open = file!;
      file = undefined;
      return { file: open, temporary, path };
    },
    discard,
  };
}
