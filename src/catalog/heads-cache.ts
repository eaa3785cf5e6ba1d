import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { isStowageError, systemCode } from '../errors.ts';
import { fsPath } from '../model/byte-name.ts';
import { type HeadsEnd, type HeadsStart, headsWriter } from './heads-writer.ts';
import { parseSoundLine } from './journal-line.ts';
import { chunksOf, journalLines } from './journal-lines.ts';
import { readJournal } from './journal-reader.ts';
import type { JournalItem } from './records.ts';
import { headsPath, journalPath, type StateFolder } from './state-folder.ts';

/** A journal below this size is read as fast as a file beside it. */
export const smallJournalBytes = 1 << 20;

/**
 * What the journal of one run says, as `readJournal` tells it. Of a large one all but the member lines is kept in a file of its own, which is read
 * in its place while the journal is exactly the one that it was made from; one that is damaged or of another journal is made anew.
 * `mayGrow`: the run may be at work, so nothing is kept of its journal. Where the file cannot be written, nothing is kept either.
 */
export async function* readHeads(
  state: StateFolder,
  section: string,
  run: string,
  mayGrow: boolean,
): AsyncGenerator<readonly JournalItem[]> {
  const journal = journalPath(state, section, run);
  const before = await statOf(journal);
  if (before === undefined || before.size < smallJournalBytes) {
    yield* readJournal(journal);
    return;
  }
  const kept = await openHeads(headsPath(state, section, run), startOf(run, before));
  if (kept !== undefined) {
    try {
      yield* itemsOf(kept);
    } finally {
      await kept.close();
    }
    return;
  }
  const writer = await headsWriter(state, section, startOf(run, before));
  try {
    let ended = false;
    for await (const items of readJournal(journal)) {
      await writer?.add(items);
      if (items.at(-1)?.kind === 'end') ended = true;
      yield items;
    }
    const same = sameFile(before, await statOf(journal));
    if (same && (ended || !mayGrow)) await writer?.publish();
  } finally {
    await writer?.discard();
  }
}

function startOf(run: string, stats: BigIntStats): HeadsStart {
  const { size, mtimeNs, ino } = stats;
  return { kind: 'heads', format: 1, run, bytes: String(size), modified: String(mtimeNs), inode: String(ino) };
}

function sameFile(one: BigIntStats, other: BigIntStats | undefined): boolean {
  return one.size === other?.size && one.mtimeNs === other.mtimeNs && one.ino === other.ino;
}

/** Undefined where it cannot be looked at: then the reading tells why. */
async function statOf(path: string): Promise<BigIntStats | undefined> {
  return stat(fsPath(path), { bigint: true }).catch(() => undefined);
}

/** The kept file, open at its beginning, if every line of it is sound, it is whole, and it is about this journal. */
async function openHeads(path: string, start: HeadsStart): Promise<FileHandle | undefined> {
  const file = await open(fsPath(path), 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  if (await isWhole(file, path, start)) return file;
  await file.close();
  return undefined;
}

async function isWhole(file: FileHandle, path: string, start: HeadsStart): Promise<boolean> {
  let lines = 0;
  let last: unknown;
  try {
    for await (const { bytes, ends } of journalLines(chunksOf(file), path)) {
      if (lines === 0 && JSON.stringify(parseSoundLine(bytes, 0, ends[0]!)) !== JSON.stringify(start)) return false;
      lines += ends.length;
      last = parseSoundLine(bytes, (ends.at(-2) ?? -1) + 1, ends.at(-1)!);
    }
  } catch (error) {
    // Damaged or unreadable, it is made anew: the journal has all that is in it.
    if (isStowageError(error, 'corrupt') || error instanceof SyntaxError || systemCode(error) !== undefined)
      return false;
    throw error;
  }
  const { kind, lines: counted } = (last ?? {}) as Partial<HeadsEnd>;
  return kind === 'heads-end' && counted === lines - 1;
}

/** What lies between the first and the last line. */
async function* itemsOf(file: FileHandle): AsyncGenerator<readonly JournalItem[]> {
  for await (const { bytes, ends } of journalLines(chunksOf(file), 'heads')) {
    const items: JournalItem[] = [];
    let from = 0;
    for (const end of ends) {
      const item = parseSoundLine(bytes, from, end) as JournalItem | HeadsStart | HeadsEnd;
      if (item.kind !== 'heads' && item.kind !== 'heads-end') items.push(item);
      from = end + 1;
    }
    yield items;
  }
}
