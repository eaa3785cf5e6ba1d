import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { systemCode } from '../errors.ts';
import { fsPath } from '../model/byte-name.ts';
import { writeAll } from './write-all.ts';

/** The way past the page cache into a new file that is open for writing already. */
export interface DirectFile {
  /** Writes all of `data` at a position; true if none of it went through the page cache, and false from the first time on that it did. */
  write(data: Uint8Array, position: number): Promise<boolean>;
  close(): Promise<void>;
}

/** What Linux alone has. */
export const hasDirectWriting = constants.O_DIRECT !== undefined;

/** What any disk takes as a block: positions and lengths are multiples of it (open(2): 512 or 4096). */
const blockBytes = 4096;

/**
 * Local file systems that neither compress nor keep in memory what is written so, by their numbers in statfs(2). On others the page cache does more than to hold a copy:
 * it gathers for a network, compresses (btrfs), or is the disk (tmpfs).
 */
const fileSystems: readonly number[] = [
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
];

/** What a write answers where memory, position or length are not as the disk wants them, or where there is no such way. */
const refusals: readonly string[] = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'];

/** Opens the way, of no use for what is not a file of such a file system: then whatever is written goes through the page cache. */
export async function directFile(path: string, handle: fs.FileHandle): Promise<DirectFile> {
  let direct = await openDirect(path, handle);
  const close = async () => {
    const open = direct;
    direct = undefined;
    await open?.close();
  };
  return {
    async write(data, position) {
      const isWhole = position % blockBytes === 0 && data.byteLength % blockBytes === 0;
      const written = direct === undefined || !isWhole ? 0 : await writeOnce(direct, data, position);
      if (written === data.byteLength && direct !== undefined) return true;
      // Never past the page cache again: it must not hold what is written behind its back.
      await close();
      await writeAll(handle, data.subarray(written), position + written);
      return false;
    },
    close,
  };
}

async function openDirect(path: string, handle: fs.FileHandle): Promise<fs.FileHandle | undefined> {
  let direct: fs.FileHandle | undefined;
  try {
    const { type } = await fs.statfs(fsPath(path));
    if (!fileSystems.includes(type)) return undefined;
    direct = await fs.open(fsPath(path), constants.O_WRONLY | constants.O_DIRECT | constants.O_NOFOLLOW);
    const [ours, found] = [await handle.stat({ bigint: true }), await direct.stat({ bigint: true })];
    if (ours.ino === found.ino && ours.dev === found.dev) return direct;
  } catch {
    // Whatever it is: the file is open in the other way, and what is wrong with the disk is heard there.
  }
  await direct?.close();
  return undefined;
}

/** How much was written: less than all at the end of the room or of what one file may have, none if it was refused. Who writes the rest hears why. */
async function writeOnce(direct: fs.FileHandle, data: Uint8Array, position: number): Promise<number> {
  try {
    return (await direct.write(data, 0, data.byteLength, position)).bytesWritten;
  } catch (error) {
    if (refusals.includes(systemCode(error) ?? '')) return 0;
    throw error;
  }
}
