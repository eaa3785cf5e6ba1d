import { fileError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { FileOperations, OpenFile } from './file-operations.ts';
import { type NamedFile, nameNew, nameOver } from './publish-file.ts';

/** A file that is written to its end, still open, and waits for its name. */
export interface WaitingFile {
  readonly file: OpenFile;
  readonly temporary: string;
  readonly path: string;
  /** False: the name must be free. True: what has the name is replaced in one step. */
  readonly replace: boolean;
}

/**
 * Makes files durable and gives them their names, durably, as `publishNew` and `publishOver` do one by one: the fsyncs run side by side, and each folder is fsynced once. Returns for each file
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
  await Promise.all(waiting.map(({ file }, at) => trying(at, () => file.sync().finally(() => file.close()))));
  const named = new Map<number, NamedFile>();
  for (const [at, { temporary, path, replace }] of waiting.entries()) {
    await trying(at, async () => {
      named.set(at, await (replace ? nameOver : nameNew)(files, temporary, path));
    });
  }
  const folders = new Map<string, Promise<void>>();
  const durable = (folder: string): Promise<void> => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const done = files.syncFolder(folder);
    folders.set(folder, done);
    return done;
  };
  await Promise.all([...named].map(([at, { folder }]) => trying(at, () => durable(folder))));
  for (const [at, { temporary }] of named) {
    await trying(at, async () => {
      if (temporary !== undefined) await files.unlink(temporary);
    });
  }
  for (const [at, { temporary }] of waiting.entries()) {
    // Best effort: the first error is the one that matters, and a temporary that stays harms nobody.
    if (problems[at] !== undefined) await files.unlink(temporary).catch(() => undefined);
  }
  return problems;
}
