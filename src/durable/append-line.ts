import { appendFileSync } from 'node:fs';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';

/** Adds one line to a file that several processes add to, in one piece; it is made for its owner alone if it is not there. Nothing is fsynced. Throws `full` or `unavailable`. */
export function appendLine(path: string, line: string): void {
  try {
    appendFileSync(fsPath(path), `${line}\n`, { mode: 0o600 });
  } catch (error) {
    throw fileError(`cannot write '${displayName(path)}'`, error);
  }
}
