import { statfs } from 'node:fs/promises';
import { plainReason } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { type Check, ok, problem, unseen, warning } from './check.ts';

const mebibyte = 2 ** 20;

/** Room for what is written: the record, the archives, temporary files. */
export const spaceCheck: Check = {
  name: 'space',
  async *examine({ places }) {
    for (const place of places) {
      const name = `${place.what} '${displayName(place.path)}'`;
      try {
        const folder = await place.existing();
        // That it is not there is told by `writable`.
        if (folder === undefined) continue;
        const { bavail, bsize, files, ffree } = await statfs(fsPath(folder));
        const free = bavail * bsize;
        const text = `${mebibytes(free)} free for ${name}`;
        const advice = 'free some space, or choose another disk';
        if (free < 16 * mebibyte) yield problem(text, advice);
        else if (free < (place.what === 'the store' ? 1024 : 256) * mebibyte) yield warning(text, advice);
        // File systems that make inodes as they need them say 0 of 0.
        else if (files > 0 && ffree < 1000) yield warning(`room for ${ffree} more files only on ${name}`, advice);
        else yield ok(text);
      } catch (error) {
        yield unseen(`cannot tell how much is free for ${name}: ${plainReason(error)}`);
      }
    }
  },
};

function mebibytes(bytes: number): string {
  if (bytes < mebibyte) return `${Math.floor(bytes / 1024)} KiB`;
  return `${Math.floor(bytes / mebibyte).toLocaleString('en-US')} MiB`;
}
