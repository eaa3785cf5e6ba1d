import { closeSync, openSync, readSync } from 'node:fs';
import { appendWork } from '../../durable/append-work.ts';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { DiskDirectory } from './disk-run.ts';

/** A directory of a run on its way from a file: its rows as bytes. */
export type DirectoryBytes = Omit<DiskDirectory, 'text'> & { readonly text: Uint8Array };

const batch = 1 << 20;

/** Writes a run into a file of a scratch folder: for each directory a line of JSON, and then its rows. Throws `full` or `unavailable`. */
export function writeDiskRun(path: string, run: readonly DiskDirectory[]): void {
  let text = '';
  const put = () => {
    appendWork(path, Buffer.from(text, 'utf8'));
    text = '';
  };
  appendWork(path, '');
  for (const { text: rows, ...head } of run) {
    text += `${JSON.stringify({ ...head, bytes: Buffer.byteLength(rows) })}\n${rows}`;
    if (text.length > batch) put();
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
      let end = held.indexOf(10, at);
      for (let wanted = held.length - at + 1; end < 0 && fill(wanted); wanted *= 2) end = held.indexOf(10, at);
      if (end < 0) return;
      const { bytes, ...head } = JSON.parse(held.toString('utf8', at, end)) as DiskDirectory & { bytes: number };
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
