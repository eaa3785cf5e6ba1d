import { readdir } from 'node:fs/promises';
import { fileError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';

/** The names in a folder of ours, in no order; none if it is not there. Rejects with `unavailable` where it cannot be looked at. */
export async function namesIfThere(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(fsPath(folder), 'buffer')).map(nameFromBytes);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot look at '${displayName(folder)}'`, error);
  }
}
