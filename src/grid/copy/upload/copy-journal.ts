import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type AppendFile, appendFile } from '../../../durable/append-file.ts';
import type { FileOperations } from '../../../durable/file-operations.ts';
import { makeFolder } from '../../../durable/folder.ts';
import { thisHolder } from '../../../durable/holder.ts';
import { ownName } from '../../../durable/own-name.ts';
import { publishOver } from '../../../durable/publish-file.ts';
import { realFiles } from '../../../durable/real-files.ts';
import { fileError, StowageError, systemCode } from '../../../errors.ts';
import { displayName } from '../../../model/byte-name.ts';
import type { Clock } from '../../../model/clock.ts';
import type { BookedUpload, JournalLine, Replacement } from './journal-line.ts';

/** What one run notes of its uploads, so that another can end what it has to leave. Made at the first note. */
export interface CopyJournal {
  readonly run: string;
  /** A number for one upload of this run. */
  next(): number;
  /** Notes that replicas may come to be at these places. Resolves when that is durable. */
  booked(id: number, upload: BookedUpload): Promise<void>;
  /** Notes that the new content is stored and committed under its other name, and will now change places with the old. Resolves when that is durable. */
  moving(id: number, replacement: Replacement): Promise<void>;
  /** Nothing is left to do for an upload. */
  done(id: number): void;
  /** Ends it: it is removed, unless something is left to do. Answers for how many uploads that is. */
  close(): Promise<number>;
}

/** A file that was stored and not committed would be lost without a note of it. */
const placeHint = 'name a folder that can be written with XDG_STATE_HOME=DIR';

/** What the name of a journal begins with that has no first line yet. */
export const begunName = '.begun_';

/** Runs of this process whose journals are being written. */
const written = new Set<string>();

/** True for a run of this very process that has not come to its end. */
export function isBeingWritten(run: string): boolean {
  return written.has(run);
}

/** A journal in a folder, which only its owner can look into: it holds permissions. */
export function copyJournal(folder: string, clock: Clock, files: FileOperations = realFiles): CopyJournal {
  const run = `${clock
    .now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')}-${randomBytes(6).toString('hex')}`;
  const path = join(folder, `${run}.jsonl`);
  const left = new Set<number>();
  let last = 0;
  let opened: Promise<AppendFile> | undefined;

  async function open(): Promise<AppendFile> {
    await makePrivate(files, folder);
    const begun = join(folder, ownName(begunName));
    const file = await appendFile({ ...files, open: (at, flags) => files.open(at, flags, 0o600) }, begun);
    try {
      file.append(lineOf({ kind: 'begin', format: 1, run, at: clock.now().toISOString(), holder: thisHolder() }));
      await file.commit();
      written.add(run);
      // It has its name only when it says whose it is: an empty one could be of a run that is just about to write to it, and nobody could ever remove it.
      await publishOver(files, begun, path);
      return file;
    } catch (error) {
      written.delete(run);
      await file.close().catch(() => undefined);
      for (const one of [begun, path]) await files.unlink(one).catch(() => undefined);
      throw error;
    }
  }

  async function note(line: JournalLine, durably: boolean): Promise<void> {
    opened ??= open().catch((error: unknown) => {
      const { code, message, facts } = fileError('uploads cannot be noted', error);
      throw new StowageError(code, message, { hint: placeHint, facts, cause: error });
    });
    const file = await opened;
    file.append(lineOf(line));
    if (durably) await file.commit();
  }

  return {
    run,
    next() {
      last += 1;
      return last;
    },
    async booked(id, upload) {
      left.add(id);
      await note({ kind: 'booked', id, at: clock.now().toISOString(), ...upload }, true);
    },
    moving: (id, replacement) => note({ kind: 'moving', id, ...replacement }, true),
    done(id) {
      // Not durable at once: without it the next run looks once more, and finds it done.
      if (left.delete(id)) note({ kind: 'done', id }, false).catch(() => undefined);
    },
    async close() {
      // One that could not be made was told to each upload, and none was begun.
      const file = await opened?.catch(() => undefined);
      written.delete(run);
      if (file === undefined) return 0;
      if (left.size > 0) file.append(lineOf({ kind: 'end' }));
      await file.close();
      if (left.size > 0) return left.size;
      await removeJournal(files, path);
      return 0;
    },
  };
}

/** Removes a journal with nothing left in it. Somebody else may have been faster. */
export async function removeJournal(files: FileOperations, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove '${displayName(path)}'`, error);
  }
}

async function makePrivate(files: FileOperations, folder: string): Promise<void> {
  await makeFolder({ ...files, mkdir: (path) => files.mkdir(path, 0o700) }, folder);
}

function lineOf(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}
