import { dirname } from 'node:path';
import { fileError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { FileOperations, OpenFile } from './file-operations.ts';
import { type NamedFile, nameNew, nameOver } from './publish-file.ts';
import { syncFileSystem } from './sync-file-system.ts';

/** A file that is written to its end and waits for its name. */
export interface WaitingFile {
  /** Undefined for one that is closed and not durable yet: it becomes so with the whole file system, which must be one where `syncsFileSystem`. */
  readonly file: OpenFile | undefined;
  readonly temporary: string;
  readonly path: string;
  /** False: the name must be free. True: what has the name is replaced in one step. */
  readonly replace: boolean;
}

/**
 * Makes files durable and gives them their names, durably, as `publishNew` and `publishOver` do one by one: the fsyncs run side by side, each file system is synced once for all that are closed already, and each folder is fsynced once. Returns for each file
 * what went wrong with it, if anything: its temporary name is removed, and it does not touch the others. All are closed.
 */
export async function publishTogether(
  files: FileOperations,
  waiting: readonly WaitingFile[],
): Promise<readonly (undefined | { readonly error: unknown })[]> {
  const problems: (undefined | { readonly error: unknown })[] = waiting.map(() => undefined);
  const trying = async (at: number, deed: () => Promise<void>): Promise<void> => {
    if (problems[at] !== undefined) return;
    try {
      await deed();
    } catch (error) {
      problems[at] = { error: fileError(`cannot publish '${displayName(waiting[at]!.path)}'`, error) };
    }
  };
  const synced = systemSyncs(files);
  await Promise.all(
    waiting.map(({ file, path }, at) =>
      trying(at, () => (file === undefined ? synced(dirname(path)) : file.sync().finally(() => file.close()))),
    ),
  );
  const named = new Map<number, NamedFile>();
  await Promise.all(
    waiting.map(({ temporary, path, replace }, at) =>
      trying(at, async () => {
        named.set(at, await (replace ? nameOver : nameNew)(files, temporary, path));
      }),
    ),
  );
  const folders = new Map<string, Promise<void>>();
  const durable = (folder: string): Promise<void> => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const done = files.syncFolder(folder);
    folders.set(folder, done);
    return done;
  };
  await Promise.all([...named].map(([at, { folder }]) => trying(at, () => durable(folder))));
  await Promise.all(
    [...named].map(([at, { temporary }]) =>
      trying(at, async () => {
        if (temporary !== undefined) await files.unlink(temporary);
      }),
    ),
  );
  for (const [at, { temporary }] of waiting.entries()) {
    // Best effort: the first error is the one that matters, and a temporary that stays harms nobody.
    if (problems[at] !== undefined) await files.unlink(temporary).catch(() => undefined);
  }
  return problems;
}

/** Makes all durable that was written on the file system of a folder, once for each file system. */
function systemSyncs(files: FileOperations): (folder: string) => Promise<void> {
  const folders = new Map<string, Promise<void>>();
  const systems = new Map<bigint | undefined, Promise<void>>();
  const sync = async (folder: string): Promise<void> => {
    // With the dot, lstat looks at what a link points to.
    const device = (await files.lstat(`${folder}/.`))?.dev;
    const known = systems.get(device) ?? syncFileSystem(folder);
    systems.set(device, known);
    await known;
  };
  return (folder) => {
    const known = folders.get(folder) ?? sync(folder);
    folders.set(folder, known);
    return known;
  };
}
