import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { fileError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import { factsOf } from '../../scan/entry-of.ts';
import { isIndicator } from '../indicators.ts';

/**
 * The files and links of a staged day, by their path in its directory (`PEER/NAME`), as they are now, without digests and without indicators. Anything
 * else, and a directory, has nothing to store. Throws `unavailable` for what cannot be looked at.
 */
export function dayContents(folder: string): ReadonlyMap<string, Member> {
  const found = new Map<string, Member>();
  const folders = [''];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const here = joinPath(folder, at);
    try {
      for (const entry of readdirSync(fsPath(here), { withFileTypes: true, encoding: 'buffer' })) {
        const name = nameFromBytes(entry.name);
        const path = joinPath(at, name);
        const local = fsPath(joinPath(folder, path));
        if (entry.isDirectory()) folders.push(path);
        else if (entry.isSymbolicLink()) {
          const target = nameFromBytes(readlinkSync(local, 'buffer'));
          found.set(path, { path, ...factsOf('link', lstatSync(local, { bigint: true })), target });
        } else if (entry.isFile() && !isIndicator(name)) {
          found.set(path, { path, ...factsOf('file', lstatSync(local, { bigint: true })) });
        }
      }
    } catch (error) {
      throw fileError(`cannot look at '${displayName(here)}'`, error);
    }
  }
  return found;
}
