import { readdir } from 'node:fs/promises';
import { type AppendFile, appendFile } from '../durable/append-file.ts';
import { makeFolder } from '../durable/folder.ts';
import { publishOver } from '../durable/publish-file.ts';
import { realFiles } from '../durable/real-files.ts';
import { isTemporaryName, temporaryName } from '../durable/temporary-name.ts';
import { fsPath } from '../model/byte-name.ts';
import { journalLine } from './journal-line.ts';
import type { JournalItem, WrittenRecord } from './records.ts';
import { headsEnding, headsPath, indexFolder, runsOf, type StateFolder } from './state-folder.ts';

/** The first line: the journal that the rest was read from, and which state of it. Numbers are decimal text. */
export interface HeadsStart {
  readonly kind: 'heads';
  readonly format: 1;
  readonly run: string;
  readonly bytes: string;
  /** When it was last changed: nanoseconds since 1970 UTC. */
  readonly modified: string;
  readonly inode: string;
}

/** The last line. */
export interface HeadsEnd {
  readonly kind: 'heads-end';
  /** Without this one. */
  readonly lines: number;
}

/** Writes what a journal says but for its members. Its file is for speed alone, so that it cannot be written is no error: then nothing is kept. */
export interface HeadsWriter {
  add(items: readonly JournalItem[]): Promise<void>;
  /** Gives the file its name. */
  publish(): Promise<void>;
  /** Removes what was not published. */
  discard(): Promise<void>;
}

/** A writer for the journal that `start` is of. Removes what is kept of runs that are gone, and what killed processes left. */
export async function headsWriter(state: StateFolder, section: string, start: HeadsStart): Promise<HeadsWriter> {
  const path = headsPath(state, section, start.run);
  const temporary = temporaryName(path);
  let file: AppendFile | undefined;
  let lines = 1;
  let held: WrittenRecord | undefined;

  const drop = async (): Promise<void> => {
    const dropped = file;
    file = undefined;
    if (dropped === undefined) return;
    await dropped.close().catch(() => undefined);
    await realFiles.unlink(temporary).catch(() => undefined);
  };
  const trying = async (step: () => Promise<void>): Promise<void> => {
    // A read-only or full state folder: the journal itself has all that is needed.
    await step().catch(drop);
  };
  const put = (item: object): void => {
    file?.append(journalLine(item));
    lines += 1;
  };
  await trying(async () => {
    await makeFolder(realFiles, indexFolder(state, section));
    await removeStale(state, section);
    file = await appendFile(realFiles, temporary);
    file.append(journalLine(start));
  });
  return {
    add: (items) =>
      trying(async () => {
        if (file === undefined) return;
        for (const item of items) {
          // What was written and recorded at once says nothing more.
          const settled = held !== undefined && item.kind === 'recorded' && item.token === held.token;
          if (held !== undefined && !settled) put(held);
          held = item.kind === 'written' ? item : undefined;
          if (item.kind !== 'written') put(item);
        }
        await file.flush();
      }),
    publish: () =>
      trying(async () => {
        if (file === undefined) return;
        if (held !== undefined) put(held);
        file.append(journalLine({ kind: 'heads-end', lines } satisfies HeadsEnd));
        await file.close();
        await publishOver(realFiles, temporary, path);
        file = undefined;
      }),
    discard: drop,
  };
}

/** Two processes that build at once may take each other's file away: then one of them keeps nothing, this time. */
async function removeStale(state: StateFolder, section: string): Promise<void> {
  const runs = new Set(await runsOf(state, section));
  const folder = indexFolder(state, section);
  for (const name of await readdir(fsPath(folder))) {
    const isHeads = name.endsWith(headsEnding) && !name.startsWith('.');
    const gone = isHeads && !runs.has(name.slice(0, -headsEnding.length));
    const left = isTemporaryName(name) && name.includes(headsEnding);
    if (gone || left) await realFiles.unlink(`${folder}/${name}`);
  }
}
