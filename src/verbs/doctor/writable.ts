import { writeWhole } from '../../durable/whole-file.ts';
import { isStowageError, plainReason, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type Check, ok, problem, unseen } from './check.ts';
import type { Place } from './place.ts';

const advice: { readonly [what in Place['what']]: string } = {
  'the state folder': 'make it writable for the user who archives, or choose another place with --state DIR',
  'the store': 'make it writable for the user who archives; to look and restore, reading is enough',
  'the temporary folder': 'set TMPDIR to a folder that can be written',
};

/** That a file can be made, written and removed in each place. What cannot be written is told here once, and not examined further. */
export const writableCheck: Check = {
  name: 'writable',
  async *examine({ files, places, project, scratchStore }) {
    for (const place of places) {
      const name = `${place.what} '${displayName(place.path)}'`;
      try {
        await writeWhole(files, `${await place.scratch()}/whole`, 'x', { replace: false });
        yield ok(`${name} can be written`);
      } catch (error) {
        yield isRefused(error)
          ? problem(`cannot write to ${name}: ${reason(error)}`, hintOf(error) ?? advice[place.what])
          : unseen(`cannot try ${name}: ${reason(error)}`, hintOf(error));
      }
    }
    if (project === undefined || project.examination.folder !== undefined) return;
    await scratchStore();
    yield ok(`the store ${displayName(project.store.location)} can be written`);
  },
};

/** True for what the disk will say again, as long as nobody changes a right, a mount or a quota. */
function isRefused(error: unknown): boolean {
  const codes = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'ENOSPC', 'EDQUOT'];
  for (let at = error; at instanceof Error; at = at.cause) if (codes.includes(systemCode(at) ?? '')) return true;
  return isStowageError(error, 'unavailable', 'exists', 'full') && error.cause === undefined;
}

function reason(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return plainReason(at);
}

function hintOf(error: unknown): string | undefined {
  return isStowageError(error) ? error.hint : undefined;
}
