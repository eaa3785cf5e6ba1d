import { open } from 'node:fs/promises';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { parseSoundLine } from './journal-line.ts';
import { chunksOf, type JournalLines, journalLines } from './journal-lines.ts';
import { blockBegun, blockOf, type OpenBlock, takeMember } from './member-block.ts';
import type { JournalItem, JournalRecord } from './records.ts';

/**
 * What one journal file says, in order, in batches: its records, and for the members of an archive where their lines stand. A torn
 * or bad last line ends the file: the run was killed there. Throws `corrupt` for a bad line with others behind it, `unavailable` if the file
 * cannot be read.
 */
export async function* readJournal(path: string): AsyncGenerator<readonly JournalItem[]> {
  for await (const batch of journalItems(readJournalLines(path), path)) yield batch;
}

/** The sound lines of one journal file; see `journalLines`. Throws `unavailable` if the file cannot be read. */
export async function* readJournalLines(path: string): AsyncGenerator<JournalLines> {
  try {
    const file = await open(fsPath(path), 'r');
    try {
      yield* journalLines(chunksOf(file), path);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(`cannot read the journal '${displayName(path)}'`, error);
  }
}

/** What lines say, in order, in batches. Members are counted and not read: an archive may have millions. `name` is for messages. */
export async function* journalItems(
  lines: AsyncIterable<JournalLines>,
  name: string,
): AsyncGenerator<readonly JournalItem[]> {
  let block: OpenBlock | undefined;
  for await (const { bytes, offset, ends } of lines) {
    const batch: JournalItem[] = [];
    let from = 0;
    for (const end of ends) {
      if (isMember(bytes, from)) {
        block ??= blockBegun(offset + from);
        if (!takeMember(block, bytes, from, end)) throw malformed(name, offset + from);
      } else {
        if (block !== undefined) batch.push(blockOf(block));
        block = undefined;
        const record = recordOfLine(bytes, from, end);
        if (record.kind === 'member') throw malformed(name, offset + from);
        batch.push(record);
      }
      from = end + 1;
    }
    if (batch.length > 0) yield batch;
  }
  if (block !== undefined) yield [blockOf(block)];
}

const memberStart = Buffer.from('{"kind":"member",');

/** The writer puts the kind first, always. */
function isMember(bytes: Buffer, from: number): boolean {
  return bytes.compare(memberStart, 0, memberStart.length, from, from + memberStart.length) === 0;
}

/** The record of a line whose checksum was seen to fit. Throws `corrupt` if it is none. */
export function recordOfLine(bytes: Buffer, from: number, end: number): JournalRecord {
  try {
    return parseSoundLine(bytes, from, end) as JournalRecord;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StowageError('corrupt', 'a line of a journal that fits its checksum is no JSON', { cause: error });
  }
}

/** A line that fits its checksum and is none that Stowage writes. */
function malformed(name: string, offset: number): StowageError {
  return new StowageError(
    'corrupt',
    `the line at byte ${offset} of the journal '${displayName(name)}' makes no sense`,
    {
      hint: 'stowage rebuild-catalog CONFIG makes the record anew from the store; the damaged one is kept aside',
      facts: { journal: name, offset },
    },
  );
}
