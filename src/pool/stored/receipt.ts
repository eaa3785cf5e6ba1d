import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { type DigestList, readDigestList } from './digest-list.ts';

/** More than ever was collected in one night. */
const longestList = 256 * 1024 * 1024;

/** Reads a list of digests that others may have written: a link is not followed, and what is no whole list is none. Throws `unavailable` where nobody could look. */
export async function readReceipt(path: string): Promise<DigestList | undefined> {
  try {
    const file = await open(fsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return undefined;
      if (stats.size > longestList)
        throw new StowageError('unavailable', `'${displayName(path)}' is too large for a receipt`);
      return readDigestList(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(systemCode(error) ?? '')) return undefined;
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
}

/** True if a receipt says of every file that it was stored with this digest. */
export function covers(receipt: DigestList, digests: ReadonlyMap<string, string>): boolean {
  return [...digests].every(([path, sha256]) => receipt.digests.get(path) === sha256);
}
