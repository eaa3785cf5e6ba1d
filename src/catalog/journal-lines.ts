import { type FileHandle, open } from 'node:fs/promises';
import { StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { isSoundLine } from './journal-line.ts';

const chunkBytes = 1 << 20;

/** Lines of a journal that lie one behind the other, all with the right checksum. */
export interface JournalLines {
  readonly bytes: Buffer;
  /** Where `bytes` begin in the journal. */
  readonly offset: number;
  /** Where each line ends in `bytes`: the place of its line end. The next line begins behind it. */
  readonly ends: readonly number[];
}

/**
 * The sound lines of a journal's bytes, in order, in batches. A torn or bad last line ends the journal: the run was killed there.
 * Throws `corrupt` for a bad line with others behind it; `name` is for messages.
 */
export async function* journalLines(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<JournalLines> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  let line = 0;
  let bad: number | undefined;
  for await (const chunk of chunks) {
    const bytes =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk]);
    const ends: number[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
      if (bad !== undefined) throw corruptLine(name, bad);
      line += 1;
      if (isSoundLine(bytes, from, end)) ends.push(end);
      else bad = line;
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    if (ends.length > 0) yield { bytes: bytes.subarray(0, ends.at(-1)! + 1), offset, ends };
    offset += from;
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
    if (end >= 0 && isSoundLine(rest, 0, end)) yield rest.subarray(0, end + 1);
  } finally {
    await file.close();
  }
}

/** All bytes of an open file. */
export async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

function corruptLine(name: string, line: number): StowageError {
  return new StowageError('corrupt', `line ${line} of the journal '${displayName(name)}' is damaged`, {
    hint: 'stowage rebuild-catalog CONFIG makes the record anew from the store; the damaged one is kept aside',
    facts: { journal: name, line },
  });
}
