import { readdir } from 'node:fs/promises';
import { fileError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { dayOfPath } from './week.ts';

/** The days that have a directory `YYYY/MM/DD` below this one, the oldest first; none if it is not there. Links are not followed. */
export async function dayFolders(top: string): Promise<readonly string[]> {
  const days: string[] = [];
  for (const year of await foldersIn(top, /^\d{4}$/)) {
    for (const month of await foldersIn(`${top}/${year}`, /^\d{2}$/)) {
      for (const date of await foldersIn(`${top}/${year}/${month}`, /^\d{2}$/)) {
        const day = `${year}/${month}/${date}`;
        if (dayOfPath(day) !== undefined) days.push(day);
      }
    }
  }
  return days;
}

/** The directories in this one whose names fit, in order; none if it is not there. Links are none. */
export async function foldersIn(folder: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    const entries = await readdir(fsPath(folder === '' ? '/' : folder), { withFileTypes: true });
    return entries
      .filter((one) => one.isDirectory() && pattern.test(one.name))
      .map((one) => one.name)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot look at '${displayName(folder)}'`, error);
  }
}
