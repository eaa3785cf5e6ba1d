import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { percentDecode, percentEncode } from '../model/percent.ts';
import { ownPrefix, type StoreKey, storeKey } from '../model/store-key.ts';

/** Where a directory store keeps what is written and not yet published. */
export const waitingFolder = `${ownPrefix}tmp`;

/** A waiting file is `RANDOM.KEY`, the key percent-encoded; a longer name than this goes on in a sub-folder. */
const namePart = 200;

/** What the name of a waiting file begins with: nobody else has it. */
export function newRandomName(): string {
  return randomBytes(8).toString('hex');
}

/** The name of a new waiting file, relative to the folder. */
export function newToken(key: StoreKey): string {
  const text = `${newRandomName()}.${percentEncode(key, '-_')}`;
  return (text.match(new RegExp(`.{1,${namePart}}`, 'g')) ?? []).join('/');
}

/** The key in the name of a waiting file; undefined if it is no file of ours. */
export function keyOfToken(token: string): StoreKey | undefined {
  const match = /^[0-9a-f]{16}\.(.+)$/.exec(token.replaceAll('/', ''));
  if (match === null) return undefined;
  try {
    return storeKey(percentDecode(match[1]!));
  } catch {
    return undefined; // not a file of ours: left alone
  }
}

/** The names of all waiting files below a folder. */
export async function waitingTokens(folder: string, above = ''): Promise<readonly string[]> {
  const tokens: string[] = [];
  let children: readonly Dirent[];
  try {
    children = await readdir(fsPath(folder), { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot list '${displayName(folder)}'`, error);
  }
  for (const child of children) {
    if (child.isDirectory()) tokens.push(...(await waitingTokens(`${folder}/${child.name}`, `${above}${child.name}/`)));
    else tokens.push(`${above}${child.name}`);
  }
  return tokens;
}
