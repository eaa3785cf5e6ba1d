import { closeSync, openSync, readSync } from 'node:fs';
import { appendWork } from '../../durable/append-work.ts';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { DiskDirectory } from './disk-run.ts';

/** A directory of a run on its way from a file: its rows as bytes. */
export type DirectoryBytes = DirectoryHead & { readonly text: Uint8Array };

/** What a run says of a directory besides its rows. */
export type DirectoryHead = Omit<DiskDirectory, 'text'>;

/** Pieces of a run: for each directory a line of JSON, and then its rows. */
export interface RunPieces {
  /** Adds a directory, whose rows are what the text holds in these bounds. */
  add(head: DirectoryHead, text: Uint8Array, from: number, to: number): void;
  /** How many bytes were added. */
  readonly length: () => number;
  /** All that was added, in memory of its own. */
  take(): Uint8Array;
}

const batch = 1 << 18;
const newline = 0x0a;

/** No pieces yet; about so many bytes are to come. */
export function runPieces(bytes: number): RunPieces {
  let buffer = Buffer.allocUnsafeSlow(bytes + 1024);
  let length = 0;
  return {
    add(head, text, from, to) {
      const line = `${JSON.stringify({ ...head, bytes: to - from })}\n`;
      const most = length + line.length * 3 + to - from;
      if (most > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(most * 2);
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      length += buffer.write(line, length, 'utf8');
      buffer.set(text.subarray(from, to), length);
      length += to - from;
    },
    length: () => length,
    take: () => buffer.subarray(0, length),
  };
}

/** The directories in such pieces; their rows lie in the same memory. */
export function* directoriesIn(pieces: Uint8Array): Generator<DirectoryBytes> {
  const held = Buffer.from(pieces.buffer, pieces.byteOffset, pieces.byteLength);
  for (let at = 0; at < held.length; ) {
    const end = held.indexOf(newline, at);
    const { bytes, ...head } = JSON.parse(held.toString('utf8', at, end)) as DirectoryHead & { bytes: number };
    at = end + 1 + bytes;
    yield { ...head, text: held.subarray(end + 1, at) };
  }
}

/** Writes a run into a file of a scratch folder. Throws `full` or `unavailable`. */
export function writeDiskRun(path: string, run: Iterable<DirectoryBytes>): void {
  let pieces = runPieces(batch);
  let waiting = 0;
  const put = () => {
    appendWork(path, pieces.take());
    pieces = runPieces(batch);
    waiting = 0;
  };
  for (const { text, ...head } of run) {
    pieces.add(head, text, 0, text.length);
    waiting += text.length + 128;
    if (waiting > batch) put();
  }
  put();
}

/** Reads it again, a directory after the other. */
export function* readDiskRun(path: string): Generator<DirectoryBytes> {
  const file = openSync(fsPath(path), 'r');
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  /** So that at least this many bytes are held from `at` on, if there are so many. */
  const fill = (bytes: number): boolean => {
    if (held.length - at >= bytes) return true;
    const next = Buffer.allocUnsafe(Math.max(batch, bytes) + held.length - at);
    let length = held.copy(next, 0, at);
    let ended = false;
    while (!ended && length < bytes) {
      const read = readSync(file, next, length, next.length - length, null);
      ended = read === 0;
      length += read;
    }
    held = next.subarray(0, length);
    at = 0;
    return length >= bytes;
  };
  try {
    for (;;) {
      let end = held.indexOf(newline, at);
      for (let wanted = held.length - at + 1; end < 0 && fill(wanted); wanted *= 2) end = held.indexOf(newline, at);
      if (end < 0) return;
      const { bytes, ...head } = JSON.parse(held.toString('utf8', at, end)) as DirectoryHead & { bytes: number };
      at = end + 1;
      fill(bytes);
      yield { ...head, text: held.subarray(at, at + bytes) };
      at += bytes;
    }
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error, 'run the same command again');
  } finally {
    closeSync(file);
  }
}
