import { readFile, stat } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { writeWhole } from '../durable/whole-file.ts';
import { isStowageError, systemCode } from '../errors.ts';
import { fsPath } from '../model/byte-name.ts';
import type { Identity } from './catalog.ts';
import { journalLine, parseJournalLine } from './journal-line.ts';
import { indexFolder, journalPath, runsOf, type StateFolder } from './state-folder.ts';

/** Which state of a journal something was made from. Numbers are decimal text. */
export interface JournalState {
  readonly run: string;
  readonly bytes: string;
  /** Nanoseconds since 1970 UTC. */
  readonly modified: string;
  readonly inode: string;
}

/** One database file of an index. */
export interface IndexFile {
  readonly name: string;
  readonly bytes: number;
  readonly members: number;
}

/** What the index of a section consists of, and what it was made from. */
export interface IndexState extends Identity {
  readonly kind: 'index';
  readonly format: 3;
  readonly journals: readonly JournalState[];
  readonly base: IndexFile;
  /** Archives that came since the base was made, and which archives of the base are over. */
  readonly delta?: IndexFile;
}

/** Where the state of a section's index stands. */
export function indexStatePath(state: StateFolder, section: string): string {
  return `${indexFolder(state, section)}/members.json`;
}

/** The journals of a section as they are now, in the order of their names. */
export async function journalStates(state: StateFolder, section: string): Promise<readonly JournalState[]> {
  const runs = await runsOf(state, section);
  return Promise.all(
    runs.map(async (run) => {
      const { size, mtimeNs, ino } = await stat(fsPath(journalPath(state, section, run)), { bigint: true });
      return { run, bytes: String(size), modified: String(mtimeNs), inode: String(ino) };
    }),
  );
}

/** The state of an index whose files are all there; undefined if there is none that could be used. */
export async function readIndexState(state: StateFolder, section: string): Promise<IndexState | undefined> {
  try {
    const line = await readFile(fsPath(indexStatePath(state, section)));
    const found = parseJournalLine(line, 0, line.length - 1) as IndexState;
    if (found.kind !== 'index' || found.format !== 3) return undefined;
    for (const file of [found.base, ...(found.delta === undefined ? [] : [found.delta])]) {
      const { size } = await stat(fsPath(`${indexFolder(state, section)}/${file.name}`));
      if (size !== file.bytes) return undefined;
    }
    return found;
  } catch (error) {
    // Whatever is wrong with it, it is made anew.
    if (isStowageError(error, 'corrupt') || error instanceof SyntaxError || systemCode(error) !== undefined)
      return undefined;
    throw error;
  }
}

/** Makes this the state of the index, in one step. */
export async function writeIndexState(files: FileOperations, folder: StateFolder, section: string, index: IndexState) {
  await writeWhole(files, indexStatePath(folder, section), journalLine(index), { replace: true });
}

/** `same`: nothing was written since. `grown`: journals were added or grew. `other`: it was made from something else. */
export function compareJournals(
  before: readonly JournalState[],
  now: readonly JournalState[],
): 'same' | 'grown' | 'other' {
  let grown = now.length > before.length;
  for (const [at, was] of before.entries()) {
    const is = now[at];
    if (is === undefined || is.run !== was.run || is.inode !== was.inode) return 'other';
    if (is.bytes === was.bytes && is.modified === was.modified) continue;
    if (BigInt(is.bytes) <= BigInt(was.bytes)) return 'other';
    grown = true;
  }
  return grown ? 'grown' : 'same';
}
