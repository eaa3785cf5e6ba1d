import { open } from 'node:fs/promises';
import { fileError, isStowageError, StowageError } from '../errors.ts';
import { fsPath } from '../model/byte-name.ts';
import { parseJournalLine } from './journal-line.ts';
import type { JournalRecord } from './records.ts';

const chunkBytes = 1 << 20;

/**
 * The records of one journal file, in order, in batches. A torn or bad last line ends the file: the run was killed there.
 * Throws `corrupt` for a bad line with others behind it, `unavailable` if the file cannot be read.
 */
export async function* readJournal(path: string): AsyncGenerator<readonly JournalRecord[]> {
  try {
    const file = await open(fsPath(path), 'r');
    try {
      yield* parseJournal(chunksOf(file), path);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(`cannot read the journal '${path}'`, error);
  }
}

/** As `readJournal`, from the bytes of a journal; `name` is for messages. */
export async function* parseJournal(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<readonly JournalRecord[]> {
  let rest = Buffer.alloc(0);
  let line = 0;
  let bad: number | undefined;
  for await (const chunk of chunks) {
    const bytes =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk]);
    const batch: JournalRecord[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
      if (bad !== undefined) throw corruptLine(name, bad);
      line += 1;
      const record = recordOf(bytes.toString('utf8', from, end));
      if (record === undefined) bad = line;
      else batch.push(record);
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    if (batch.length > 0) yield batch;
  }
  if (bad !== undefined && rest.length > 0) throw corruptLine(name, bad);
}

/** The bytes of a journal up to its last good line: what may be copied of a run that was killed. */
export async function* wholeLines(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(fsPath(path), 'r');
  try {
    let rest = Buffer.alloc(0);
    for await (const chunk of chunksOf(file)) {
      const bytes = Buffer.concat([rest, chunk]);
      const end = bytes.lastIndexOf(10) + 1;
      const last = end === 0 ? 0 : bytes.lastIndexOf(10, end - 2) + 1;
      // The last whole line is held back until it is seen to be good or to have another behind it.
      if (last > 0) yield bytes.subarray(0, last);
      rest = Buffer.from(bytes.subarray(last));
    }
    const end = rest.indexOf(10);
    if (end >= 0 && recordOf(rest.toString('utf8', 0, end)) !== undefined) yield rest.subarray(0, end + 1);
  } finally {
    await file.close();
  }
}

function recordOf(text: string): JournalRecord | undefined {
  try {
    return parseJournalLine(text) as JournalRecord;
  } catch (error) {
    if (isStowageError(error, 'corrupt') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function* chunksOf(file: { read(buffer: Buffer): Promise<{ bytesRead: number }> }): AsyncGenerator<Buffer> {
  for (;;) {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function corruptLine(name: string, line: number): StowageError {
  return new StowageError('corrupt', `line ${line} of the journal '${name}' is damaged`, {
    hint: 'stowage rebuild-catalog CONFIG makes the record anew from the store; the damaged one is kept aside',
    facts: { journal: name, line },
  });
}
