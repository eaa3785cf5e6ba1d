import { readdir } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { DayToKeep } from '../pool/archives/day-archives.ts';
import { isIndicator } from '../pool/indicators.ts';
import type { DayNames } from './days-configuration.ts';

/** What is in a day's directory; indicators are left where they are. Throws `unavailable` for what cannot be looked at. */
export async function namesOfDay({ folder }: DayToKeep): Promise<DayNames> {
  const peers: string[] = [];
  const left: string[] = [];
  const folders = [''];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const here = at === '' ? folder : `${folder}/${at}`;
    try {
      for (const entry of await readdir(fsPath(here), { withFileTypes: true, encoding: 'buffer' })) {
        const name = nameFromBytes(entry.name);
        const path = at === '' ? name : `${at}/${name}`;
        if (entry.isDirectory()) {
          folders.push(path);
          if (at === '') peers.push(name);
        } else if (entry.isFile() && isIndicator(name)) left.push(path);
      }
    } catch (error) {
      throw fileError(`cannot look at '${displayName(here)}'`, error);
    }
  }
  return { peers: peers.sort(), left: left.sort() };
}
