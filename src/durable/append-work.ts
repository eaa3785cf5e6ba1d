import { appendFileSync, rmSync } from 'node:fs';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';

/** Adds to a file in a scratch folder; nothing is made durable. Synchronous, for threads. Several may add to one file, each call in one piece. Throws `full` or `unavailable`. */
export function appendWork(path: string, content: string | Uint8Array): void {
  try {
    appendFileSync(fsPath(path), content);
  } catch (error) {
    throw fileError(
      `cannot write to '${displayName(path)}'`,
      error,
      'free some space there, or choose another place for the record and what is worked with: --state DIR',
    );
  }
}

/** Removes a file from a scratch folder, if it is there. What cannot be removed goes with the folder. */
export function removeWork(path: string): void {
  try {
    rmSync(fsPath(path), { force: true });
  } catch {
    // The folder is removed at the end, and says what keeps it from that.
  }
}
