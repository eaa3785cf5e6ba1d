import { readFile } from 'node:fs/promises';
import { fileError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';

/** The text of a file of ours; undefined if there is none. Rejects with `unavailable` where it cannot be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(fsPath(path), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
}
